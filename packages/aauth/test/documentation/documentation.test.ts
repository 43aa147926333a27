import { describe, expect, it } from 'vitest';
import { publicExports } from './exports.ts';

const exported = publicExports();
const functions = exported.filter(({ kind }) => kind === 'function');

const sources = /RFC \d{4}|AAuth Protocol|Signature-Key, "|AAuth Bootstrap|\(ours\)/;
const mentionsThrowing = /@throws|[Tt]hrows\b|Never throws/;

/** What is missing, as `file name`. */
const lacking = (isFine: (one: (typeof exported)[number]) => boolean, among = exported) =>
  among.filter((one) => !isFine(one)).map(({ file, name }) => `${file} ${name}`);

describe('the documentation of what the package exports', () => {
  it('is there', () => {
    expect(functions.length).toBeGreaterThan(60);
    expect(lacking(({ comment }) => comment !== '')).toEqual([]);
  });

  it('names every parameter of a function', () => {
    const names = ({ comment, parameters }: (typeof exported)[number]) =>
      parameters.every((name) => new RegExp(`@param ${name}\\b`).test(comment));
    expect(lacking(names, functions)).toEqual([]);
  });

  it('says what a function returns', () => {
    expect(lacking(({ comment, returnsNothing }) => returnsNothing || comment.includes('@returns'), functions)).toEqual(
      [],
    );
  });

  it('says what a function throws, or that it throws nothing', () => {
    expect(lacking(({ comment }) => mentionsThrowing.test(comment), functions)).toEqual([]);
  });

  it('names the section that a function carries out, or that the rule is ours', () => {
    expect(lacking(({ comment }) => sources.test(comment), functions)).toEqual([]);
  });

  it('cites nothing that is not published', () => {
    expect(lacking(({ comment }) => !/\b(?:protocol|architecture|seed-contract)\.md\b/.test(comment))).toEqual([]);
  });
});
