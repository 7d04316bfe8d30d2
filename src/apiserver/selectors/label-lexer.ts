export type TokenKind =
  '!' | '!=' | '(' | ')' | ',' | '<' | '=' | '==' | '>' | 'end' | 'error' | 'identifier';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const operators: ReadonlySet<string> = new Set(['!', '!=', '(', ')', ',', '<', '=', '==', '>']);
const special = /[=!(),<>]/u;
const blank = /[ \t\r\n]/u;

/** Cuts a label selector into tokens; the last one is always `end`. */
export function scanLabelSelector(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const sign = text.charAt(position);
    if (blank.test(sign)) {
      position += 1;
      continue;
    }
    const token = special.test(sign) ? scanOperator(text, position) : scanIdentifier(text, position);
    tokens.push(token);
    position += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '' }];
}

/** Two characters where they form an operator, so that `a==b` is not `a=` and `=b`. */
function scanOperator(text: string, start: number): Token {
  const pair = text.slice(start, start + 2);
  const word = operators.has(pair) ? pair : text.charAt(start);
  return { kind: isOperator(word) ? word : 'error', text: word };
}

function scanIdentifier(text: string, start: number): Token {
  let end = start;
  while (end < text.length && !special.test(text.charAt(end)) && !blank.test(text.charAt(end))) end += 1;
  return { kind: 'identifier', text: text.slice(start, end) };
}

function isOperator(word: string): word is Exclude<TokenKind, 'end' | 'error' | 'identifier'> {
  return operators.has(word);
}
