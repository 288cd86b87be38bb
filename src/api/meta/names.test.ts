import { describe, expect, test } from 'vitest';
import { checkCanonicalCidr, checkNotLocalIp, checkStrictCidr, checkStrictIp, cidrContains, cidrWarnings, familyOf, formatCidr, formatIp, parseCidr, parseIp } from './addresses.ts';
import { FieldPath } from './field.ts';
import {
  byteLength, configMapKey, dnsLabel, dnsLabel1035, dnsSubdomain, dnsSubdomainWithUnderscore, envVarName, labelName, labelValue, pathName, percent, portName, qualifiedName, strictEnvVarName, subdomainName, wildcardDnsSubdomain,
} from './names.ts';

const SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

describe('names', () => {
  test.each<[string, (text: string) => string[], string, string[]]>([
    ['label', dnsLabel, 'my-name', []],
    ['label in upper case', dnsLabel, 'My', [LABEL]],
    ['label with dots', dnsLabel, 'a.b', ['must not contain dots']],
    ['long label', dnsLabel, 'a'.repeat(64), ['must be no more than 63 characters']],
    ['empty label', dnsLabel, '', [LABEL]],
    ['subdomain', dnsSubdomain, 'a.b-c.d', []],
    ['subdomain with an empty part', dnsSubdomain, 'a..b', [SUBDOMAIN]],
    ['long subdomain', dnsSubdomain, 'a'.repeat(254), ['must be no more than 253 characters']],
    ['search domain', dnsSubdomainWithUnderscore, '_tcp.example.com', []],
    ['RFC 1035 label', dnsLabel1035, '1a', ["a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"]],
    ['wildcard', wildcardDnsSubdomain, '*.example.com', []],
    ['qualified', qualifiedName, 'example.com/My_Name', []],
    ['qualified, too many parts', qualifiedName, 'a/b/c', [`a valid label key ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]],
    ['qualified, no prefix', qualifiedName, '/a', ['prefix part must be non-empty']],
    ['qualified, bad prefix', qualifiedName, 'A/a', [`prefix part ${SUBDOMAIN}`]],
    ['qualified, no name', qualifiedName, 'a/', ['name part must be non-empty', `name part ${QUALIFIED}`]],
    ['label value', labelValue, '', []],
    ['label value with a blank', labelValue, 'a b', [
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ]],
    ['port name', portName, 'http-2', []],
    ['port name of digits', portName, '80', ['must contain at least one letter (a-z)']],
    ['port name with dashes', portName, '-a--b', ['must not contain consecutive hyphens', 'must not begin or end with a hyphen']],
    ['environment', envVarName, 'a b:c', []],
    ['environment with =', envVarName, 'a=b', ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
    ['strict environment', strictEnvVarName, '..a', ["must not start with '..'"]],
    ['config key', configMapKey, '..', ["must not be '..'"]],
    ['percent', percent, '5', ["a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]],
    ['path segment', pathName, 'a:b', []],
    ['path segment with a slash', pathName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
    ['path segment up', pathName, '..', ["may not be '..'"]],
  ])('%s', (_name, check, text, expected) => {
    expect(check(text)).toEqual(expected);
  });

  test('a generated name may end in a dash', () => {
    expect([subdomainName('web-', true), labelName('web-', true), pathName('..', true)]).toEqual([[], [], []]);
    expect(subdomainName('web-')).toEqual([SUBDOMAIN]);
  });

  test('lengths are those of UTF-8', () => {
    for (const text of ['a', 'ä', '€', '😀', 'aä€😀']) expect(byteLength(text)).toBe(Buffer.byteLength(text));
  });
});

describe('addresses', () => {
  test.each([
    ['10.0.0.1', 'IPv4', '10.0.0.1'], ['2001:DB8:0:0:0:0:0:1', 'IPv6', '2001:db8::1'], ['::', 'IPv6', '::'], ['1::', 'IPv6', '1::'], ['fe80:0:0:1:0:0:0:2', 'IPv6', 'fe80:0:0:1::2'], ['::ffff:1.2.3.4', 'IPv4', '1.2.3.4'],
    ['1:0:2:3:4:5:6:7', 'IPv6', '1:0:2:3:4:5:6:7'],
  ])('%s is %s and %s', (text, family, canonical) => {
    expect([familyOf(text), formatIp(parseIp(text)!)]).toEqual([family, canonical]);
  });
  test.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', ':', ':::', '1:2:3:4:5:6:7:8:9', '1::2::3', 'g::', '1.2.3.4::'])('%j is none', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
  test.each([
    ['010.0.0.1', 'must not have leading 0s'], ['0000010.0.0.1', 'must not have leading 0s'], ['::00001', 'must not have leading 0s'], ['::ffff:1.2.3.4', 'must not be an IPv4-mapped IPv6 address'], ['x', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ])('%s is not taken: %s', (text, why) => {
    expect(checkStrictIp(new FieldPath('ip'), text).map((error) => error.detail)).toEqual([`Invalid value: ${JSON.stringify(text)}: ${why}`]);
  });
  test.each([
    ['10.0.0.0/8', []], ['2001:db8::/32', []], ['10.0.0.1/8', ['must not have bits set beyond the prefix length']], ['10.0.0.0/33', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
    ['10.0.0.0/08', ['must not have leading 0s in IP or prefix length']], ['010.0.0.0/8', ['must not have leading 0s in IP or prefix length']], ['2001:db8::00001/128', ['must not have leading 0s in IP or prefix length']],
    ['::ffff:1.2.3.0/64', ['must not have an IPv4-mapped IPv6 address']], ['::ffff:1.2.3.0/120', ['must not have an IPv4-mapped IPv6 address']], ['2001:DB8::/32', []],
  ])('%s as a range', (text, why) => {
    expect(checkStrictCidr(new FieldPath('cidr'), text).map((error) => error.detail.split(': ').slice(2).join(': '))).toEqual(why);
  });
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true], ['10.0.0.0/8', '11.0.0.0', false], ['10.1.2.0/23', '10.1.3.255', true], ['2001:db8::/33', '2001:db8:8000::1', false], ['0.0.0.0/0', '::1', false],
  ])('%s holds %s: %s', (cidr, ip, holds) => {
    expect(cidrContains(parseCidr(cidr)!, parseIp(ip)!)).toBe(holds);
    expect(formatCidr(parseCidr(cidr)!)).toBe(cidr);
  });
  test.each([
    ['2001:DB8::/32', ['must be in canonical form ("2001:db8::/32")']], ['2001:db8:0::/32', ['must be in canonical form ("2001:db8::/32")']], ['10.0.0.0/8', []], ['10.0.0.1/8', ['must not have bits set beyond the prefix length']],
  ])('%s as the range of services', (text, why) => {
    expect(checkCanonicalCidr(new FieldPath('cidr'), text).map((error) => error.detail.split(': ').slice(2).join(': '))).toEqual(why);
  });
  test.each([
    ['10.0.0.1/8', ['p: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)']], ['010.0.0.0/8', ['p: non-standard CIDR value "010.0.0.0/8" is invalid: use "10.0.0.0/8"']],
    ['::ffff:1.2.3.9/120', ['p: CIDR value "::ffff:1.2.3.9/120" is ambiguous in this context (should be "1.2.3.0/24" or "1.2.3.9/128"?)', 'p: non-standard CIDR value "::ffff:1.2.3.9/120" is invalid: use "1.2.3.0/24"']],
    ['::ffff:1.2.3.9/32', ['p: CIDR value "::ffff:1.2.3.9/32" is ambiguous in this context (should be "::/32" or "1.2.3.9/128"?)', 'p: non-standard CIDR value "::ffff:1.2.3.9/32" is invalid: use "::/32"']],
    ['2001:DB8::/32', ['p: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")']], ['10.0.0.0/8', []],
  ])('what is said of %s', (text, warnings) => expect(cidrWarnings(new FieldPath('p'), text)).toEqual(warnings));
  test.each([
    ['127.0.0.1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'], ['0.0.0.0', 'may not be unspecified ("0.0.0.0")'], ['169.254.1.1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    ['224.0.0.1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'], ['fe80::1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ])('%s is no endpoint', (ip, why) => {
    expect(checkNotLocalIp(new FieldPath('ip'), ip)[0]!.detail).toContain(why);
  });
});
