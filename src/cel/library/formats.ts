/** Named formats: `format.dns1123Label().validate(name)` gives none, or what is wrong. */
import { dnsLabel, dnsLabel1035, dnsSubdomain, labelValue, qualifiedName } from '../../api/meta/names.ts';
import { parseTimestamp } from '../time.ts';
import { succeeds } from '../attempt.ts';
import { opaque } from '../types.ts';
import { ArrayList, none, OpaqueValue, Optional, type Value } from '../values.ts';
import { overload, type Overload } from './declare.ts';

type Faults = (text: string) => string[];

const FORMAT = opaque('kubernetes.NamedFormat');

/** What the largest pattern of a format costs a tenth of a text. */
const patternMost = 32;
/** The same of each format. */
const PATTERNS: Readonly<Record<string, number>> = { dns1123Label: 8, dns1123Subdomain: 15, dns1035Label: 8, qualifiedName: 15, labelValue: 10, dns1123LabelPrefix: 8, dns1123SubdomainPrefix: 15, dns1035LabelPrefix: 8, uri: 276, uuid: 18, byte: 21, date: 18, datetime: 18 };

class FormatValue extends OpaqueValue {
  readonly name: string;
  readonly faults: Faults;
  constructor(name: string, faults: Faults) {
    super(FORMAT);
    this.name = name;
    this.faults = faults;
  }
  override get measured(): number {
    return PATTERNS[this.name] ?? patternMost;
  }
  equalTo(other: Value): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

const form = (test: RegExp, fault: string): Faults => (text) => (test.test(text) ? [] : [fault]);

function uri(text: string): string[] {
  const isRooted = /^([a-zA-Z][a-zA-Z0-9+.-]*:|\/)/.test(text);
  return isRooted && URL.canParse(text, 'none://none') ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`];
}

/** Whether RFC 3339 can read it; a date alone must be one alone. */
function time(text: string, dateOnly: boolean): string[] {
  const fault = dateOnly ? 'invalid date' : 'invalid datetime';
  return /^\d{4}-\d\d-\d\d$/.test(text) === dateOnly && succeeds(() => parseTimestamp(text)) ? [] : [fault];
}

const FORMATS: Readonly<Record<string, Faults>> = {
  dns1123Label: (text) => dnsLabel(text),
  dns1123Subdomain: (text) => dnsSubdomain(text),
  dns1035Label: (text) => dnsLabel1035(text),
  qualifiedName: (text) => qualifiedName(text),
  // A prefix is what a name may begin with: one that ends in a dash is fine.
  dns1123LabelPrefix: (text) => dnsLabel(text.replace(/-$/, 'a')),
  dns1123SubdomainPrefix: (text) => dnsSubdomain(text.replace(/-$/, 'a')),
  dns1035LabelPrefix: (text) => dnsLabel1035(text.replace(/-$/, 'a')),
  labelValue: (text) => labelValue(text),
  uri,
  uuid: form(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, 'does not match the UUID format'),
  byte: (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? [] : ['invalid base64']),
  date: (text) => time(text, true),
  datetime: (text) => time(text, false),
};

function validate(format: FormatValue, text: string): Value {
  const faults = format.faults(text);
  return faults.length === 0 ? none : new Optional(new ArrayList(faults));
}

export function formatLibrary(): Overload[] {
  const constants = Object.entries(FORMATS).map(([name, faults]) => {
    const value = new FormatValue(name, faults);
    return overload(`format.${name}`, '() -> format', () => value);
  });
  return [
    ...constants,
    overload('format.named', '(string) -> optional(format)', (name: string) => (Object.hasOwn(FORMATS, name) ? new Optional(new FormatValue(name, FORMATS[name]!)) : none)),
    overload('validate', 'format.(string) -> optional(list(string))', validate, { cost: (measure) => Math.ceil((measure.size(1) + 1) * 0.1) * measure.size(0) }),
  ];
}

