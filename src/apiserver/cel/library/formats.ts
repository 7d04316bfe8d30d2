import { CelOpaque, CelOptional, absent } from '../cel-value.ts';
import { type Overload, overload, scanCost } from '../overload.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from '../../schema/name-syntax.ts';
import { stringFormats } from '../../schema/value-formats.ts';

type Check = (text: string) => readonly string[];

class NamedFormat extends CelOpaque {
  readonly typeName = 'format';
  readonly name: string;
  readonly check: Check;

  constructor(name: string, check: Check) {
    super();
    this.name = name;
    this.check = check;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

const ofFormat =
  (name: string): Check =>
  (text) =>
    stringFormats[name]?.(text) === true ? [] : [`is no valid ${name}`];
/** A prefix may end in a dash: something follows it. */
const asPrefix =
  (check: Check): Check =>
  (text) =>
    check(text.replace(/-$/u, 'a'));

const dns1035: Check = (text) =>
  text.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/u.test(text)
    ? []
    : [
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      ];

const formats = new Map<string, Check>([
  ['dns1123Label', checkDnsLabel],
  ['dns1123Subdomain', checkDnsSubdomain],
  ['dns1035Label', dns1035],
  ['qualifiedName', checkQualifiedName],
  ['dns1123LabelPrefix', asPrefix(checkDnsLabel)],
  ['dns1123SubdomainPrefix', asPrefix(checkDnsSubdomain)],
  ['dns1035LabelPrefix', asPrefix(dns1035)],
  ['labelValue', checkLabelValue],
  ['uri', ofFormat('uri')],
  ['uuid', ofFormat('uuid')],
  ['byte', ofFormat('byte')],
  ['date', ofFormat('date')],
  ['datetime', ofFormat('datetime')],
]);

export const formatOverloads: readonly Overload[] = [
  ...[...formats].map(([name, check]) =>
    overload(`format::${name}(): format`, () => new NamedFormat(name, check)),
  ),
  overload('format::named(string): optional<format>', (name: string) => {
    const check = formats.get(name);
    return check === undefined ? absent : new CelOptional(new NamedFormat(name, check));
  }),
  overload(
    'format.validate(string): optional<list<string>>',
    ({ check }: NamedFormat, text: string) => {
      const problems = check(text);
      return problems.length === 0 ? absent : new CelOptional(problems);
    },
    { cost: scanCost },
  ),
];
