/** Members that still have a part, and are there to remove it. Those that are away remove theirs later. */
export function partHolders(
  parts: readonly { readonly name: string }[] | undefined,
  online: readonly string[],
): readonly string[] {
  const present = (parts ?? []).filter(({ name }) => online.includes(name));
  return present.map(({ name }) => `member ${name}`);
}
