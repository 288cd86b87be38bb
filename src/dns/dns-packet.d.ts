/** The part of dns-packet, a library without types, that the tests use as a second opinion. */
declare module 'dns-packet' {
  export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'OPT' | 'PTR' | 'SOA' | 'SRV' | 'TXT';
  export interface Question {
    type: RecordType;
    name: string;
    class?: string;
  }
  export interface Answer {
    type: RecordType;
    name: string;
    ttl?: number;
    class?: string;
    data?: unknown;
    [more: string]: unknown;
  }
  export interface Packet {
    type?: 'query' | 'response';
    id?: number;
    flags?: number;
    questions?: Question[];
    answers?: Answer[];
    authorities?: Answer[];
    additionals?: Answer[];
  }
  export interface DecodedPacket extends Packet {
    rcode: string;
    flag_aa: boolean;
    flag_tc: boolean;
  }
  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export const TRUNCATED_RESPONSE: number;
  export const CHECKING_DISABLED: number;
  export const DNSSEC_OK: number;
  export function encode(packet: Packet): Uint8Array;
  export function decode(bytes: Uint8Array): DecodedPacket;
  export function streamEncode(packet: Packet): Uint8Array;
  export function streamDecode(bytes: Uint8Array): DecodedPacket;
}
