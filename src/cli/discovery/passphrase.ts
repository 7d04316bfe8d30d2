import { randomBytes } from 'node:crypto';

const consonants = 'bdfghjklmnprstvz';
const vowels = 'aiou';
const wordCount = 4;
const wordBits = 16;

/**
 * Four words that can be read out over a telephone, of 16 bits each (proquints: consonants and vowels in turn). With
 * 64 random bits, behind scrypt, who has recorded a session cannot find the passphrase by trying.
 */
export function createPassphrase(): string {
  const bytes = randomBytes((wordCount * wordBits) / 8);
  return Array.from({ length: wordCount }, (_, index) => spell(bytes.readUInt16BE(index * 2))).join(' ');
}

function spell(value: number): string {
  const consonant = (shift: number): string => consonants.charAt((value >> shift) & 0xf);
  const vowel = (shift: number): string => vowels.charAt((value >> shift) & 0x3);
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0);
}

/** As it was meant: in lower case, one space or dash or none more between the words; undefined when it is none. */
export function readPassphrase(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s-]+/)
    .filter((word) => word !== '');
  const pattern = new RegExp(`^([${consonants}][${vowels}]){2}[${consonants}]$`);
  return words.length === wordCount && words.every((word) => pattern.test(word))
    ? words.join(' ')
    : undefined;
}
