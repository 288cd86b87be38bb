import { describe, expect, test } from 'vitest';
import { addressOf, networkErrorText } from './network-errors.ts';

const failing = (code: string, more: object = {}, message = code): Error => Object.assign(new Error(message), { code, ...more });

describe('what went wrong on the way to another server', () => {
  test.each<[string, unknown, string]>([
    ['nobody listens', failing('ECONNREFUSED'), 'dial tcp 10.0.0.7:443: connect: connection refused'],
    ['no way there', failing('EHOSTUNREACH'), 'dial tcp 10.0.0.7:443: connect: no route to host'],
    ['no network there', failing('ENETUNREACH'), 'dial tcp 10.0.0.7:443: connect: network is unreachable'],
    ['a name that leads nowhere', failing('ENOTFOUND', { hostname: 'nowhere.example' }), 'dial tcp: lookup nowhere.example: no such host'],
    ['closed without an answer', failing('ECONNRESET', {}, 'socket hang up'), 'EOF'],
    ['cut', failing('ECONNRESET', {}, 'read ECONNRESET'), 'read: connection reset by peer'],
    ['no answer in time', failing('ETIMEDOUT'), 'context deadline exceeded'],
    ['a certificate of its own making', failing('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    ['a certificate of a stranger', failing('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    ['a certificate that is too old', failing('CERT_HAS_EXPIRED'), 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'],
    ['a certificate for others', failing('ERR_TLS_CERT_ALTNAME_INVALID', { host: 'c.ns.svc', cert: { subjectaltname: 'DNS:a.ns.svc, IP Address:10.0.0.1' } }), 'tls: failed to verify certificate: x509: certificate is valid for a.ns.svc, not c.ns.svc'],
    ['a certificate for other addresses', failing('ERR_TLS_CERT_ALTNAME_INVALID', { host: '10.0.0.7', cert: { subjectaltname: 'DNS:a.ns.svc, IP Address:10.0.0.1' } }), 'tls: failed to verify certificate: x509: certificate is valid for 10.0.0.1, not 10.0.0.7'],
    ['a certificate for names alone', failing('ERR_TLS_CERT_ALTNAME_INVALID', { host: '10.0.0.7', cert: { subjectaltname: 'DNS:a.ns.svc' } }), "tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs"],
    ['a certificate for an address alone', failing('ERR_TLS_CERT_ALTNAME_INVALID', { host: 'localhost', cert: { subjectaltname: 'IP Address:127.0.0.1' } }), 'tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match localhost'],
    ['a certificate for nobody', failing('ERR_TLS_CERT_ALTNAME_INVALID', { host: 'c.ns.svc', cert: {} }), 'tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match c.ns.svc'],
    ['no TLS on the other side', failing('ERR_SSL_WRONG_VERSION_NUMBER'), 'http: server gave HTTP response to HTTPS client'],
    ['anything else', new Error('something else'), 'something else'],
    ['no error at all', 'text', 'text'],
  ])('%s', (_, error, text) => expect(networkErrorText(error, '10.0.0.7:443')).toBe(text));

  test.each([['https://10.0.0.7/x', '10.0.0.7:443'], ['http://a.example/', 'a.example:80'], ['https://[fd00::1]:8443/x', '[fd00::1]:8443']])('%s is at %s', (url, address) => expect(addressOf(url)).toBe(address));
});
