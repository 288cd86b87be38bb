import { expect, test } from 'vitest';
import { parseAccept } from './accept.ts';

test.each<[string, string, string[]]>([
  ['the best first', 'application/json;q=0.5, application/yaml', ['application/yaml', 'application/json']],
  ['equals as they come', 'application/yaml, application/json', ['application/yaml', 'application/json']],
  ['wildcards after what has a name, whatever their quality', '*/*,application/json;q=0.3', ['application/json', '*/*']],
  ['a type moves past wildcards only', 'text/html, */*, application/*;q=0.5', ['text/html', 'application/*', '*/*']],
  ['a star alone', '*', ['*/*']],
  ['a star and nothing', '*/', ['*/*']],
  ['a slash at the end', 'application/json/', ['application/json']],
  ['three parts', 'application/json/x, application/yaml', ['application/yaml']],
  ['no media type', 'json, application/, , application/yaml', ['application/yaml']],
  ['a quality that is none', 'application/json;q=x, application/yaml;q=0.1', ['application/yaml', 'application/json']],
])('%s', (_name, header, expected) => {
  expect(parseAccept(header).map(({ type, subtype }) => `${type}/${subtype}`)).toEqual(expected);
});
