import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LinkRewriter, withLinks } from './links.ts';
import { isPage, pageOf } from './pages.ts';
import { rewrittenLocation } from './reverse-proxy.ts';

const rewrite = (link: string): string => rewrittenLocation(link, 'http://10.0.0.5:80', '/base', 'cluster.example:6443');

/** The page after rewriting, fed in pieces of `size` characters. */
function through(page: string, size: number): string {
  const rewriter = new LinkRewriter(rewrite);
  let out = '';
  for (let at = 0; at < page.length; at += size) out += rewriter.push(page.slice(at, at + size));
  return out + rewriter.end();
}

async function* of(...parts: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
async function bytesOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const all: Uint8Array[] = [];
  for await (const piece of body) all.push(piece);
  return Buffer.concat(all);
}

describe('links of a page', () => {
  test.each<[name: string, page: string, wanted: string]>([
    ['from the root', '<a href="/x">', '<a href="/base/x">'],
    ['in apostrophes', "<a href='/x'>", "<a href='/base/x'>"],
    ['without quotes', '<a href=/x>', '<a href=/base/x>'],
    ['in capitals', '<A HREF="/x">', '<A HREF="/base/x">'],
    ['spaces around the sign', '<a href = "/x" >', '<a href = "/base/x" >'],
    ['among other attributes', '<img alt="a > b" src=\'/i.png\' width=1/>', '<img alt="a > b" src=\'/base/i.png\' width=1/>'],
    ['two in a tag', '<img src="/a" longdesc="/b">', '<img src="/base/a" longdesc="/base/b">'],
    ['an ampersand', '<a href="/x?a=1&amp;b=2">', '<a href="/base/x?a=1&amp;b=2">'],
    ['to the backend itself', '<a href="http://10.0.0.5/x">', '<a href="/base/x">'],
    ['to the host that the client asked', '<a href="https://cluster.example:6443/x">', '<a href="/base/x">'],
    ['to another host', '<a href="http://other.example/x">', '<a href="http://other.example/x">'],
    ['to another host without a scheme', '<a href="//other.example/x">', '<a href="//other.example/x">'],
    ['relative', '<a href="x/y"><a href="#z"><a href="?q">', '<a href="x/y"><a href="#z"><a href="?q">'],
    ['with the proxy in front already', '<a href="/base/x">', '<a href="/base/x">'],
    ['upwards', '<a href="/../../x">', '<a href="/base/x">'],
    ['script', '<a href="javascript:alert(1)">', '<a href="javascript:alert(1)">'],
    ['not an attribute of links', '<a title="/x">', '<a title="/x">'],
    ['not a tag of links', '<p href="/x">', '<p href="/x">'],
    ['in a comment', '<!-- <a href="/x"> --><a href="/y">', '<!-- <a href="/x"> --><a href="/base/y">'],
    ['in a script', '<script src="/s">if (a<b) x = \'<a href="/x">\'</script><a href="/y">', '<script src="/base/s">if (a<b) x = \'<a href="/x">\'</script><a href="/base/y">'],
    ['an end tag and a doctype', '<!DOCTYPE html></a href="/x">', '<!DOCTYPE html></a href="/x">'],
    ['a lone sign', 'a < b <3', 'a < b <3'],
    ['a form and its button', '<form action="/f"><button formaction="/g">', '<form action="/base/f"><button formaction="/base/g">'],
    ['a tag that does not end', '<a href="/x"><a href="/y', '<a href="/base/x"><a href="/y'],
    ['a quote that does not end', '<a href="/x>', '<a href="/x>'],
    ['nothing in quotes', '<a href="">', '<a href="">'],
    ['no value', '<a href><a href="/x">', '<a href><a href="/base/x">'],
  ])('%s', (_name, page, wanted) => {
    for (const size of [1, 2, 3, 7, 1000]) expect([size, through(page, size)]).toEqual([size, wanted]);
  });

  test('letters of any encoding stay', async () => {
    const page = Buffer.from([0x3c, 0x70, 0x3e, 0xc3, 0xbc, 0xff, 0xfe, 0x00, 0xe2, 0x82]);
    expect(await bytesOf(withLinks(of(page), rewrite))).toEqual(page);
  });

  test('a tag without end is not kept for ever, nor looked at again and again', () => {
    const rewriter = new LinkRewriter(rewrite);
    let out = 0;
    const piece = 'x'.repeat(1000);
    out += rewriter.push('<a href="').length;
    for (let i = 0; i < 2000; i++) out += rewriter.push(piece).length;
    expect(out).toBeGreaterThan(1_900_000);
  });
});

describe('pages', () => {
  const html = { 'content-type': 'text/html; charset=utf-8', 'content-length': '13', etag: '"1"' };

  test.each<[Record<string, string>, boolean]>([
    [{ 'content-type': 'text/html' }, true], [html, true], [{ ...html, 'content-encoding': 'gzip' }, true], [{ ...html, 'content-encoding': 'br' }, false], [{ 'content-type': 'text/plain' }, false], [{}, false],
  ])('%o is one: %s', (headers, wanted) => expect(isPage(headers)).toBe(wanted));

  test('lose the length that they had', async () => {
    const { headers, body } = await pageOf(html, of('<a hr', 'ef="/x">'), rewrite);
    expect(headers).toEqual({ 'content-type': 'text/html; charset=utf-8', etag: '"1"' });
    expect((await bytesOf(body)).toString()).toBe('<a href="/base/x">');
  });

  test('come compressed if they came so', async () => {
    const { headers, body } = await pageOf({ ...html, 'content-encoding': 'gzip' }, of(gzipSync('<a href="/x">')), rewrite);
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(await bytesOf(body)).toString()).toBe('<a href="/base/x">');
  });

  test.each([['broken', Buffer.from('not gzip')], ['too large when unpacked', gzipSync(Buffer.alloc(20 * 1024 * 1024))], ['too large as it is', Buffer.alloc(17 * 1024 * 1024)]])('compressed, but %s: as it came', async (_name, bytes) => {
    const { body } = await pageOf({ ...html, 'content-encoding': 'gzip' }, of(bytes), rewrite);
    expect((await bytesOf(body)).equals(bytes)).toBe(true);
  });
});
