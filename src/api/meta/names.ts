/**
 * The forms that names, keys and the like must have, each as a check that answers the texts of what is wrong (an empty list: nothing is).
 * Sources: RFC 1035, RFC 1123, RFC 6335, and https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

/** Answers what is wrong with `name`. With `asPrefix` the name is a `generateName`, so that a trailing dash is fine. */
export type NameCheck = (name: string, asPrefix?: boolean) => string[];

const LABEL_FORM = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_FORM = `${LABEL_FORM}(\\.${LABEL_FORM})*`;
const UNDERSCORE_LABEL_FORM = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORE_SUBDOMAIN_FORM = `${UNDERSCORE_LABEL_FORM}(\\.${UNDERSCORE_LABEL_FORM})*`;
const LABEL_1035_FORM = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_PART_FORM = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE_FORM = `(${QUALIFIED_PART_FORM})?`;
const CONFIG_KEY_FORM = '[-._a-zA-Z0-9]+';
const ENV_NAME_FORM = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const HTTP_PATH_FORM = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const HTTP_HEADER_FORM = '[-A-Za-z0-9]+';
const PERCENT_FORM = '[0-9]+%';
const C_IDENTIFIER_FORM = '[A-Za-z_][A-Za-z0-9_]*';

const SUBDOMAIN_TEXT = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_TEXT = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

export const DNS_LABEL_MAX = 63;
export const DNS_SUBDOMAIN_MAX = 253;

/** Length in bytes of UTF-8, which is what the API's limits count. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

const compiled = new Map<string, RegExp>();

function matches(form: string, text: string): boolean {
  let expression = compiled.get(form);
  if (expression === undefined) {
    expression = new RegExp(`^(?:${form})$`);
    compiled.set(form, expression);
  }
  return expression.test(text);
}

export function maxLengthText(max: number): string {
  return `must be no more than ${max} bytes`;
}

export function rangeText(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** The text for a value that does not have the form; examples are listed as the API lists them. */
export function formText(text: string, form: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return examples.length === 0 ? `${text} (regex used for validation is '${form}')` : `${text} (e.g. ${shown}regex used for validation is '${form}')`;
}

/** What the API calls characters here and bytes elsewhere is bytes in both. */
const charactersText = (max: number): string => `must be no more than ${max} characters`;

function bounded(text: string, max: number, words = charactersText): string[] {
  return byteLength(text) > max ? [words(max)] : [];
}

/** A DNS label of RFC 1123: `my-name`. */
export function dnsLabel(name: string): string[] {
  const faults = bounded(name, DNS_LABEL_MAX);
  if (matches(LABEL_FORM, name)) return faults;
  if (matches(SUBDOMAIN_FORM, name)) return [...faults, 'must not contain dots'];
  const text = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...faults, formText(text, LABEL_FORM, 'my-name', '123-abc')];
}

/** A DNS name of RFC 1123, lower case: `example.com`. */
export function dnsSubdomain(name: string, words = charactersText): string[] {
  const faults = bounded(name, DNS_SUBDOMAIN_MAX, words);
  return matches(SUBDOMAIN_FORM, name) ? faults : [...faults, formText(SUBDOMAIN_TEXT, SUBDOMAIN_FORM, 'example.com')];
}

/** A DNS name whose labels may hold underscores: resolver search domains. */
export function dnsSubdomainWithUnderscore(name: string): string[] {
  const text = SUBDOMAIN_TEXT.replace("characters, '-'", "characters, '_', '-'");
  const faults = bounded(name, DNS_SUBDOMAIN_MAX);
  return matches(UNDERSCORE_SUBDOMAIN_FORM, name) ? faults : [...faults, formText(text, UNDERSCORE_SUBDOMAIN_FORM, 'example.com')];
}

/** A DNS label of RFC 1035: as RFC 1123, but it begins with a letter. */
export function dnsLabel1035(name: string): string[] {
  const text = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  const faults = bounded(name, DNS_LABEL_MAX);
  return matches(LABEL_1035_FORM, name) ? faults : [...faults, formText(text, LABEL_1035_FORM, 'my-name', 'abc-123')];
}

/** `*.` and a DNS name. */
export function wildcardDnsSubdomain(name: string): string[] {
  const form = `\\*\\.${SUBDOMAIN_FORM}`;
  const text = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  const faults = bounded(name, DNS_SUBDOMAIN_MAX);
  return matches(form, name) ? faults : [...faults, formText(text, form, '*.example.com')];
}

/** `name` or `prefix/name`: label keys, finalizers, condition types. */
export function qualifiedName(name: string): string[] {
  const parts = name.split('/');
  if (parts.length > 2) {
    const text = formText(QUALIFIED_TEXT, QUALIFIED_PART_FORM, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const faults: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    const found = prefix === '' ? ['must be non-empty'] : dnsSubdomain(prefix, maxLengthText);
    faults.push(...found.map((fault) => `prefix part ${fault}`));
  }
  const last = parts[parts.length - 1]!;
  if (last === '') faults.push('name part must be non-empty');
  else if (byteLength(last) > 63) faults.push(`name part ${maxLengthText(63)}`);
  if (!matches(QUALIFIED_PART_FORM, last)) faults.push(`name part ${formText(QUALIFIED_TEXT, QUALIFIED_PART_FORM, 'MyName', 'my.name', '123-abc')}`);
  return faults;
}

export function labelValue(value: string): string[] {
  const text = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const faults = byteLength(value) > 63 ? [maxLengthText(63)] : [];
  return matches(LABEL_VALUE_FORM, value) ? faults : [...faults, formText(text, LABEL_VALUE_FORM, 'MyValue', 'my_value', '12345')];
}

/** A name that is one segment of a URL path. */
export function pathSegmentName(name: string): string[] {
  if (name === '.') return ["may not be '.'"];
  if (name === '..') return ["may not be '..'"];
  return pathSegmentPrefix(name);
}

export function pathSegmentPrefix(name: string): string[] {
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

/** An IANA service name (RFC 6335): at most 15 of lower-case letters, digits and single inner dashes, with a letter in it. */
export function portName(name: string): string[] {
  const faults = bounded(name, 15);
  if (!/^[-a-z0-9]+$/.test(name)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) faults.push('must contain at least one letter (a-z)');
  if (name.includes('--')) faults.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) faults.push('must not begin or end with a hyphen');
  return faults;
}

export function portNumber(port: number): string[] {
  return inRange(port, 1, 65535);
}

export function inRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [rangeText(low, high)];
}

/** User and group ids: 0 to 2147483647. */
export function userId(id: number): string[] {
  return inRange(id, 0, 2147483647);
}

export function percent(text: string): string[] {
  const why = "a valid percent string must be a numeric string followed by an ending '%'";
  return matches(PERCENT_FORM, text) ? [] : [formText(why, PERCENT_FORM, '1%', '93%')];
}

export function httpHeaderName(name: string): string[] {
  const why = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return matches(HTTP_HEADER_FORM, name) ? [] : [formText(why, HTTP_HEADER_FORM, 'X-Header-Name')];
}

/** Whether the text holds only what RFC 3986 allows in an HTTP path. */
export function isHttpPath(text: string): boolean {
  return matches(HTTP_PATH_FORM, text);
}

export const HTTP_PATH_TEXT = formText('Invalid path', HTTP_PATH_FORM);

/** What a pod's environment may be named: printable ASCII without `=`. */
export function envVarName(name: string): string[] {
  const faults = name === '' ? ['environment variable name must be non-empty'] : [];
  if (!/^[ -<>-~]*$/.test(name)) faults.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return faults;
}

/** The narrower form that shells accept: letters, digits, `_`, `-`, `.`, not beginning with a digit. */
export function strictEnvVarName(name: string): string[] {
  const why = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const faults = matches(ENV_NAME_FORM, name) ? [] : [formText(why, ENV_NAME_FORM, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')];
  return [...faults, ...dotFaults(name)];
}

function dotFaults(name: string): string[] {
  if (name === '.') return ["must not be '.'"];
  if (name === '..') return ["must not be '..'"];
  return name.startsWith('..') ? ["must not start with '..'"] : [];
}

/** A key of a ConfigMap or Secret, which becomes a file's name. */
export function configMapKey(key: string): string[] {
  const why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  const faults = bounded(key, DNS_SUBDOMAIN_MAX);
  if (!matches(CONFIG_KEY_FORM, key)) faults.push(formText(why, CONFIG_KEY_FORM, 'key.name', 'KEY_NAME', 'key-name'));
  return [...faults, ...dotFaults(key)];
}

export function cIdentifier(name: string): string[] {
  const why = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return matches(C_IDENTIFIER_FORM, name) ? [] : [formText(why, C_IDENTIFIER_FORM, 'my_name', 'MY_NAME', 'MyName')];
}

/** A `generateName` ends in a dash that the random suffix makes good; the check sees it with a letter there. */
function withoutTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function nameCheck(check: (name: string) => string[]): NameCheck {
  return (name, asPrefix = false) => check(asPrefix ? withoutTrailingDash(name) : name);
}

/** Object names that are DNS names: most kinds. */
export const subdomainName: NameCheck = nameCheck((name) => dnsSubdomain(name));
/** Object names that are DNS labels: namespaces and services. */
export const labelName: NameCheck = nameCheck(dnsLabel);
/** Object names that only must fit into a URL path: roles and bindings. */
export const pathName: NameCheck = (name, asPrefix = false) => (asPrefix ? pathSegmentPrefix(name) : pathSegmentName(name));
