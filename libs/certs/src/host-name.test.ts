import { Failure } from '@k8s-audit/failure';
import { expect, it } from 'vitest';
import { parseHostName } from './host-name.ts';

it.each([
  ['10.0.0.7', 'ip', '10.0.0.7'],
  ['::1', 'ip', '::1'],
  ['[fd00::7]', 'ip', 'fd00::7'],
  ['FD00:0:0:0:0:0:0:7', 'ip', 'fd00::7'],
  ['2001:db8:0:0:1:0:0:1', 'ip', '2001:db8::1:0:0:1'],
  ['::ffff:10.0.0.7', 'ip', '10.0.0.7'],
  ['localhost', 'dns', 'localhost'],
  ['Audit.Example.com', 'dns', 'audit.example.com'],
  ['audit.example.com.', 'dns', 'audit.example.com'],
  ['bücher.example', 'dns', 'xn--bcher-kva.example'],
  ['host_1.lan', 'dns', 'host_1.lan'],
  ['host.minikube.internal', 'dns', 'host.minikube.internal'],
])('reads %s as %s %s', (text, kind, value) => {
  expect(parseHostName(text)).toEqual({ kind, value });
});

it.each([
  '',
  ' ',
  'https://10.0.0.7',
  '10.0.0.7:8080',
  '[::1]:8080',
  'audit.example.com/path',
  'user@host',
  'a b',
  'a\nb',
  '%61',
  '*.example.com',
  '-a.example',
  'a-.example',
  `${'a'.repeat(64)}.example`,
  'a..b',
  '127.1',
  '0x7f000001',
  '010.0.0.1',
  '1.2.3.4.5',
  '256.0.0.1',
  '0.0.0.0',
  '::',
  'fe80::1%eth0',
  '::1::',
  '12345::',
  Array.from({ length: 64 }, () => 'abcd').join('.'),
])('refuses %j', (text) => {
  expect(() => parseHostName(text)).toThrow(Failure);
  expect(() => parseHostName(text)).toThrow(expect.objectContaining({ code: 'HOST_INVALID' }));
});

it('proposes the plain form of an odd address', () => {
  expect(() => parseHostName('127.1')).toThrow(expect.objectContaining({ hint: 'Write 127.0.0.1, if that is meant.' }));
});
