import { expect, it } from 'vitest';
import { kitSources } from './sources.ts';

const EXPORTED =
  /^export (?:default )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|enum) (\w+)/gm;

/** Words that style.md's glossary has replaced, as parts of an exported name or a file name. */
const REPLACED =
  /^(admit|Admitted|takeBack|LeftBehind|Verdict|Tools|World|makeWorld|Judge|Crowd|Temper|Door)$|[Ff]arSide|[Ff]ront(?!ier)|^answeringOnce$|^remembered$|^claimToken$|StandIn/;
const REPLACED_FILES =
  /(^|\/)(front|far-side|admit|verdicts|removal|tools|repetition|judge|crowd|temper|door|world|pace)(\.test)?\.ts$/;

it('gives every exported name one meaning', () => {
  const files = new Map<string, string[]>();
  for (const { path, text } of kitSources()) {
    for (const [, name = ''] of text.matchAll(EXPORTED)) {
      files.set(name, [...(files.get(name) ?? []), path]);
    }
  }
  expect(files.size).toBeGreaterThan(300);
  // Each Lambda function has an entry point of that name.
  files.delete('handler');
  expect([...files].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

it('uses none of the names that the glossary has replaced', () => {
  const sources = kitSources();
  const names = sources.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORTED)].map(([, name = '']) => `${path}: ${name}`),
  );
  expect(names.filter((line) => REPLACED.test(line.split(': ')[1] ?? ''))).toEqual([]);
  expect(sources.map(({ path }) => path).filter((path) => REPLACED_FILES.test(path))).toEqual([]);
});
