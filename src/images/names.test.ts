import { describe, expect, test } from 'vitest';
import { familiarImageName, normalizeImageName } from './names.ts';

describe('image names', () => {
  test.each([
    ['one word', 'nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['a tag', 'nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['a user', 'team/app', 'docker.io/team/app:latest', 'team/app:latest'],
    ['a registry', 'registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['a registry with a port', 'reg:5000/app', 'reg:5000/app:latest', 'reg:5000/app:latest'],
    ['localhost', 'localhost/app:v1', 'localhost/app:v1', 'localhost/app:v1'],
    ['a digest', `app@sha256:${'a'.repeat(64)}`, `docker.io/library/app@sha256:${'a'.repeat(64)}`, `app@sha256:${'a'.repeat(64)}`],
    ['a tag and a digest', `app:v1@sha256:${'a'.repeat(64)}`, `docker.io/library/app:v1@sha256:${'a'.repeat(64)}`, `app:v1@sha256:${'a'.repeat(64)}`],
  ])('%s', (_name, text, full, short) => {
    expect(normalizeImageName(text)).toBe(full);
    expect(familiarImageName(text)).toBe(short);
  });

  test.each([['upper case', 'Nginx'], ['empty', ''], ['a space', 'a b'], ['an empty tag', 'a:'], ['a broken digest', 'a@sha256:12']])('%s is refused', (_name, text) => {
    expect(() => normalizeImageName(text)).toThrow(`"${text}" is not an image name`);
  });
});
