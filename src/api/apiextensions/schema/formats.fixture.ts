/** Formats: what upstream's server lets pass, and what it has to say of the rest. */
import type { Facts } from './values.fixture.ts';

export const FORMAT_VALUES: Readonly<Record<string, Facts>> = {
  date: {
    schema: { type: 'string', format: 'date' },
    fine: ['2020-01-02', null],
    noSuch: ['2020-13-01', '2020-02-30', '20-1-1', '2020-01-02T00:00:00Z'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type date: "int64"']],
    ],
  },
  dt: {
    schema: { type: 'string', format: 'date-time' },
    fine: ['2020-01-02T03:04:05Z', '2020-01-02T03:04:05.123456789Z', '2020-01-02T03:04:05+01:00', '2020-01-02t03:04:05z', '2020-01-02T03:04:05,5Z', '0000-01-01T00:00:00Z', null],
    noSuch: ['2020-01-02T03:04:05', '2020-01-02 03:04:05Z', '2020-01-02T25:04:05Z', '2020-02-30T01:01:01Z', '2020-01-02T03:04:60Z', '2020-01-02T03:04:05+0100'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type date-time: "int64"']],
    ],
  },
  dur: {
    schema: { type: 'string', format: 'duration' },
    fine: ['1h', '1h30m', '5 days', '1.5h', '-3s', '0', '1d', '3 weeks', '1 ms', '1h 2m', '+1h', '1.h', '.5s', '2 w', '5 nanoseconds', '1 d 2 h', ' 1h', '1h ', '1us', "1µs", '99999999999h', null],
    noSuch: ['abc', '1'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type duration: "int64"']],
    ],
  },
  byte: {
    schema: { type: 'string', format: 'byte' },
    fine: ['aGk=', 'YQ==', null],
    noSuch: ['aGk', '!!', '', 'YQ', 'a_-='],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type byte: "int64"']],
    ],
  },
  uuid: {
    schema: { type: 'string', format: 'uuid' },
    fine: ['6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11', '6F1B8D5E1C9A4D579F0F5A8F2A0F9B11', null],
    noSuch: ['6f1b8d5e-1c9a-4d57-9f0f', 'x'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type uuid: "int64"']],
    ],
  },
  uuid3: {
    schema: { type: 'string', format: 'uuid3' },
    fine: ['6f1b8d5e-1c9a-3d57-9f0f-5a8f2a0f9b11', null],
    noSuch: ['6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type uuid3: "int64"']],
    ],
  },
  uuid4: {
    schema: { type: 'string', format: 'uuid4' },
    fine: ['6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11', null],
    noSuch: ['6f1b8d5e-1c9a-4d57-0f0f-5a8f2a0f9b11'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type uuid4: "int64"']],
    ],
  },
  uuid5: {
    schema: { type: 'string', format: 'uuid5' },
    fine: ['6f1b8d5e-1c9a-5d57-9f0f-5a8f2a0f9b11', null],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type uuid5: "int64"']],
    ],
  },
  ipv4: {
    schema: { type: 'string', format: 'ipv4' },
    fine: ['1.2.3.4', '01.2.3.4', '::ffff:1.2.3.4', null],
    noSuch: ['1.2.3', '::1', '256.1.1.1', ' 1.2.3.4'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type ipv4: "int64"']],
    ],
  },
  ipv6: {
    schema: { type: 'string', format: 'ipv6' },
    fine: ['::1', '::ffff:1.2.3.4', '2001:db8::', null],
    noSuch: ['1.2.3.4', 'fe80::1%eth0', 'g::1'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type ipv6: "int64"']],
    ],
  },
  cidr: {
    schema: { type: 'string', format: 'cidr' },
    fine: ['10.0.0.0/8', '::/0', '010.0.0.0/8', '1.2.3.4/08', '::ffff:1.2.3.0/120', null],
    noSuch: ['10.0.0.1/33', '1.2.3.4'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type cidr: "int64"']],
    ],
  },
  mac: {
    schema: { type: 'string', format: 'mac' },
    fine: ['01:02:03:04:05:06', '01-02-03-04-05-06', '0102.0304.0506', '01:02:03:04:05:06:07:08', '0102.0304.0506.0708', '00:00:00:00:fe:80:00:00:00:00:00:00:02:00:5e:10:00:00:00:01', null],
    noSuch: ['01:02', '01:02:03:04:05:0g', '0102-0304-0506'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type mac: "int64"']],
    ],
  },
  email: {
    schema: { type: 'string', format: 'email' },
    fine: ['a@b.c', 'A <a@b.c>', '"q q"@x.y', 'a@[1.2.3.4]', 'a@b_c', "é@x.y", 'a@b.c (comment)', ' a@b.c ', '<a@b.c>', null],
    noSuch: ['a b@c', 'a@', '@b', 'a..b@c.d', 'a@b.c, d@e.f'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type email: "int64"']],
    ],
  },
  uri: {
    schema: { type: 'string', format: 'uri' },
    fine: ['https://a', '/x', 'mailto:a@b', '//a/b', 'a:b', 'http://[::1]:80/', '*', 'urn:x:y', 'http://a/ b', 'HTTP://A', "http://aé", null],
    noSuch: ['x', 'http://a b', 'http://a:b/', '', 'http://%zz', 'http://a/%zz'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type uri: "int64"']],
    ],
  },
  hostname: {
    schema: { type: 'string', format: 'hostname' },
    fine: ["é.com", 'a-', 'a.b-c.de', 'localhost', "☃.com", '1a', null],
    noSuch: ['a.b', '-a', 'a_b', 'A.B', 'a.', 'a..b'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type hostname: "int64"']],
    ],
  },
  isbn: {
    schema: { type: 'string', format: 'isbn' },
    fine: ['0321751043', '978-0321751041', '0-321-75104-3', '9780321751041', null],
    noSuch: ['123', '9780321751042'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type isbn: "int64"']],
    ],
  },
  isbn10: {
    schema: { type: 'string', format: 'isbn10' },
    fine: ['0321751043', '080442957X', null],
    noSuch: ['0321751044'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type isbn10: "int64"']],
    ],
  },
  isbn13: {
    schema: { type: 'string', format: 'isbn13' },
    fine: ['9780321751041', '978 0321751041', null],
    noSuch: ['1234567890123'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type isbn13: "int64"']],
    ],
  },
  cc: {
    schema: { type: 'string', format: 'creditcard' },
    fine: ['4111111111111111', '4111-1111-1111-1111', null],
    noSuch: ['4111111111111112', 'x'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type creditcard: "int64"']],
    ],
  },
  ssn: {
    schema: { type: 'string', format: 'ssn' },
    fine: ['111-22-3333', '111 22 3333', null],
    noSuch: ['111223333', '11-22-333'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type ssn: "int64"']],
    ],
  },
  hex: {
    schema: { type: 'string', format: 'hexcolor' },
    fine: ['#fff', 'FFFFFF', null],
    noSuch: ['#ffff', 'ggg', '#FFFFFFF'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type hexcolor: "int64"']],
    ],
  },
  rgb: {
    schema: { type: 'string', format: 'rgbcolor' },
    fine: ['rgb(1,2,3)', 'rgb( 1 , 2 , 3 )', 'rgb(255,255,255)', null],
    noSuch: ['rgb(256,0,0)', 'rgb(01,2,3)', 'RGB(1,2,3)'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type rgbcolor: "int64"']],
    ],
  },
  bson: {
    schema: { type: 'string', format: 'bsonobjectid' },
    fine: ['507f1f77bcf86cd799439011', '507F1F77BCF86CD799439011', null],
    noSuch: ['x'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type bsonobjectid: "int64"']],
    ],
  },
  ksn: {
    schema: { type: 'string', format: 'k8s-short-name' },
    fine: ['a-b', '1', null],
    noSuch: ['A', 'a.b', '-a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type k8s-short-name: "int64"']],
    ],
  },
  kln: {
    schema: { type: 'string', format: 'k8s-long-name' },
    fine: ['a.b', null],
    noSuch: ['A.b', 'a..b'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type k8s-long-name: "int64"']],
    ],
  },
  pw: {
    schema: { type: 'string', format: 'password' },
    fine: ['x', null],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type password: "int64"']],
    ],
  },
  nofmt: {
    schema: { format: 'date', 'x-kubernetes-preserve-unknown-fields': true },
    fine: ['2020-01-02', null],
    noSuch: ['x'],
    wrong: [
      [5, ['v: Invalid value: "int64": v in body must be of type date: "int64"']],
    ],
  },
};
