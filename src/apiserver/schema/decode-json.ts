import { DecodeError, maxDepth } from './decode-error.ts';
import { childPath, indexPath } from './field-path.ts';
import type { JsonObject } from './json-object.ts';

export interface Decoded {
  readonly value: unknown;
  /** Field paths of keys that appear more than once in their object; the last one counts. */
  readonly duplicateFields: readonly string[];
}

/**
 * Decodes JSON the way the API needs it and `JSON.parse` cannot: repeated keys are noted, integers beyond 2^53 stay
 * exact (as bigint; `encodeJson` writes them back), nesting is bounded, and `__proto__` is refused, since no field
 * is called that and code that copies keys would change a prototype with it.
 */
export function decodeJson(bytes: Uint8Array | string): Decoded {
  const text = typeof bytes === 'string' ? bytes : decodeUtf8(bytes);
  const reader = new JsonReader(text);
  const value = reader.readDocument();
  return { value, duplicateFields: reader.duplicateFields };
}

/** Decodes what the store holds: it has been checked when it was written, so the fast parser does unless digits ask. */
export function decodeStoredJson(bytes: Uint8Array | string): unknown {
  const text = typeof bytes === 'string' ? bytes : decodeUtf8(bytes);
  return manyDigits.test(text) ? decodeJson(text).value : JSON.parse(text);
}

/** 2^53 has sixteen digits. */
const manyDigits = /\d{16}/u;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
const plainText = /[^"\\\u0000-\u001f]*/uy;
const blanks = /[ \t\r\n]*/uy;
const int64Limit = 2n ** 63n;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (error) {
    throw new DecodeError('json parse error: the text is not valid UTF-8', { cause: error });
  }
}

class JsonReader {
  readonly duplicateFields: string[] = [];
  readonly #text: string;
  /** Where the reader is; a text only when somebody asks, for that is rare. */
  readonly #path: (number | string)[] = [];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): unknown {
    this.#skipBlanks();
    const value = this.#readValue(0);
    this.#skipBlanks();
    if (this.#position < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #readValue(depth: number): unknown {
    if (depth > maxDepth) throw new DecodeError(`json parse error: exceeded max depth of ${maxDepth}`);
    switch (this.#text.charAt(this.#position)) {
      case '{':
        return this.#readObject(depth);
      case '[':
        return this.#readArray(depth);
      case '"':
        return this.#readString();
      case 't':
        return this.#readWord('true', true);
      case 'f':
        return this.#readWord('false', false);
      case 'n':
        return this.#readWord('null', null);
      default:
        return this.#readNumber();
    }
  }

  #readObject(depth: number): JsonObject {
    const object: JsonObject = {};
    this.#position += 1;
    this.#skipBlanks();
    if (this.#take('}')) return object;
    for (;;) {
      if (this.#text.charAt(this.#position) !== '"')
        throw this.#unexpected('looking for beginning of object key string');
      const key = this.#readString();
      this.#path.push(key);
      if (key === '__proto__')
        throw new DecodeError(`json parse error: the key ${this.#formatPath()} is not allowed`);
      if (Object.hasOwn(object, key)) this.duplicateFields.push(this.#formatPath());
      this.#skipBlanks();
      if (!this.#take(':')) throw this.#unexpected('after object key');
      this.#skipBlanks();
      object[key] = this.#readValue(depth + 1);
      this.#path.pop();
      this.#skipBlanks();
      if (this.#take('}')) return object;
      if (!this.#take(',')) throw this.#unexpected('after object key:value pair');
      this.#skipBlanks();
    }
  }

  #readArray(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#position += 1;
    this.#skipBlanks();
    if (this.#take(']')) return items;
    for (;;) {
      this.#path.push(items.length);
      items.push(this.#readValue(depth + 1));
      this.#path.pop();
      this.#skipBlanks();
      if (this.#take(']')) return items;
      if (!this.#take(',')) throw this.#unexpected('after array element');
      this.#skipBlanks();
    }
  }

  #readString(): string {
    this.#position += 1;
    let value = '';
    for (;;) {
      value += this.#match(plainText);
      const sign = this.#text.charAt(this.#position);
      if (sign === '"') {
        this.#position += 1;
        return value;
      }
      if (sign !== '\\') throw this.#unexpected('in string literal');
      value += this.#readEscape();
    }
  }

  #readEscape(): string {
    const sign = this.#text.charAt(this.#position + 1);
    if (sign === 'u') {
      const digits = this.#text.slice(this.#position + 2, this.#position + 6);
      if (!/^[0-9a-fA-F]{4}$/u.test(digits)) throw this.#unexpected('in \\u hexadecimal character escape');
      this.#position += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = Object.hasOwn(escapes, sign) ? escapes[sign] : undefined;
    if (character === undefined) throw this.#unexpected('in string escape code');
    this.#position += 2;
    return character;
  }

  /** As in Kubernetes: exact within 64 bits, and the nearest float beyond. */
  #readNumber(): bigint | number {
    const token = this.#match(numberToken);
    if (token === '') throw this.#unexpected('looking for beginning of value');
    const value = Number(token);
    if (!Number.isFinite(value))
      throw new DecodeError(`json parse error: the number ${token.slice(0, 40)} is out of range`);
    if (Number.isSafeInteger(value) || !/^-?\d{1,19}$/u.test(token)) return value;
    const exact = BigInt(token);
    return exact >= -int64Limit && exact < int64Limit ? exact : value;
  }

  #readWord<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position))
      throw this.#unexpected('looking for beginning of value');
    this.#position += word.length;
    return value;
  }

  #formatPath(): string {
    return this.#path.reduce<string>(
      (path, key) => (typeof key === 'number' ? indexPath(path, key) : childPath(path, key)),
      '',
    );
  }

  #take(sign: string): boolean {
    const isNext = this.#text.charAt(this.#position) === sign;
    if (isNext) this.#position += 1;
    return isNext;
  }

  #skipBlanks(): void {
    this.#match(blanks);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }

  #unexpected(where: string): DecodeError {
    const sign = this.#text.charAt(this.#position);
    if (sign === '') return new DecodeError('json parse error: unexpected end of JSON input');
    return new DecodeError(`json parse error: invalid character ${JSON.stringify(sign)} ${where}`);
  }
}
