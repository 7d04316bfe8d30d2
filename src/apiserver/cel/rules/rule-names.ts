/** Words of CEL that no expression can use as a field. */
const reserved = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var ' +
    'void while'
  ).split(' '),
);
const accessible = /^[A-Za-z_./-][A-Za-z0-9_./-]*$/u;
const replacements: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** How a rule writes the name of a property; undefined when it cannot be written at all. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!accessible.test(name)) return undefined;
  return name.replaceAll(/__|[./-]/gu, (part) => replacements[part] ?? part);
}
