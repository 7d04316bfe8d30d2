import type { RegisterInput, RegisterOutput } from './models/register.ts';
import type { TextInput, TextOutput } from './models/text.ts';
import type { Operation } from './operation.ts';

interface Open<Input> {
  readonly key: string;
  readonly input: Input;
  readonly calledAt: number;
}

const registerLine = /^INFO {2}jepsen\.util - (\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.*)$/;

/** The `etcd_*.log` files: a line for each call and each return on one register. */
export function parseRegisterLog(text: string): readonly Operation<RegisterInput, RegisterOutput>[] {
  const history = new Pairing<RegisterInput, RegisterOutput>();
  for (const [at, line] of text.split('\n').entries()) {
    const [, client = '', type, kind, value = ''] = registerLine.exec(line) ?? [];
    if (type === 'invoke') history.call(client, '', parseRegisterInput(kind, value), at);
    else if (type !== undefined) history.finish(client, parseRegisterOutput(type, kind, value), at);
  }
  return history.end();
}

function parseRegisterInput(kind: string | undefined, value: string): RegisterInput {
  if (kind === 'read') return { kind };
  if (kind === 'write') return { kind, value: Number(value) };
  const [from = NaN, to = NaN] = value.replaceAll(/[[\]]/g, '').split(' ').map(Number);
  return { kind: 'cas', from, to };
}

function parseRegisterOutput(
  type: string,
  kind: string | undefined,
  value: string,
): RegisterOutput | undefined {
  // What timed out may have happened or not, whether it is called a failure or not.
  if (type === 'info' || value.includes('timed-out')) return undefined;
  if (kind === 'read') return { kind, value: value === 'nil' ? undefined : Number(value) };
  if (kind === 'cas') return { kind, isDone: type === 'ok' };
  return { kind: 'written' };
}

const textLine =
  /^\{:process (\d+), :type :(invoke|ok), :f :(get|put|append), :key "(.*?)", :value (?:nil|"(.*)")\}$/;

/** The `c*.txt` files: a line for each call and each return on a few texts. */
export function parseTextLog(text: string): readonly Operation<TextInput, TextOutput>[] {
  const history = new Pairing<TextInput, TextOutput>();
  for (const [at, line] of text.split('\n').entries()) {
    const [, client = '', type, kind, key = '', value = ''] = textLine.exec(line) ?? [];
    if (type === 'invoke')
      history.call(client, key, { kind: kind as TextInput['kind'], value }, at); // by the pattern
    else if (type === 'ok') history.finish(client, { value }, at);
  }
  return history.end();
}

/** Matches each return with the call of the same client before it. */
class Pairing<Input, Output> {
  readonly #open = new Map<string, Open<Input>>();
  readonly #operations: Operation<Input, Output>[] = [];

  call(client: string, key: string, input: Input, calledAt: number): void {
    this.#open.set(client, { key, input, calledAt });
  }

  finish(client: string, output: Output | undefined, at: number): void {
    const call = this.#open.get(client);
    if (call === undefined) throw new Error(`line ${at + 1}: client ${client} returns without a call`);
    this.#open.delete(client);
    this.#operations.push({ ...call, output, returnedAt: output === undefined ? Infinity : at });
  }

  end(): readonly Operation<Input, Output>[] {
    const unfinished = [...this.#open.values()].map((call) => ({
      ...call,
      output: undefined,
      returnedAt: Infinity,
    }));
    return [...this.#operations, ...unfinished];
  }
}
