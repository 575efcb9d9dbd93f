import { describe, expect, it } from 'vitest';
import { parseWebhookAddress, renderWebhookUrl } from './webhook-address.ts';

it.each([
  ['10.0.0.7', '10.0.0.7', 8080],
  ['10.0.0.7:8443', '10.0.0.7', 8443],
  ['https://10.0.0.7:8443', '10.0.0.7', 8443],
  ['https://10.0.0.7:8443/', '10.0.0.7', 8443],
  ['HTTPS://audit.example.com', 'audit.example.com', 8080],
  ['fd00::7', 'fd00::7', 8080],
  ['[fd00::7]', 'fd00::7', 8080],
  ['[fd00::7]:443', 'fd00::7', 443],
  ['https://[FD00:0::7]:443', 'fd00::7', 443],
])('reads %s', (text, host, port) => {
  expect(parseWebhookAddress(text)).toEqual({ host, port });
});

it.each([
  ['http://10.0.0.7:8080', 'WEBHOOK_SERVER_INVALID'],
  ['tcp://10.0.0.7', 'WEBHOOK_SERVER_INVALID'],
  ['https://10.0.0.7/audit', 'WEBHOOK_SERVER_INVALID'],
  ['https://10.0.0.7?x=1', 'WEBHOOK_SERVER_INVALID'],
  ['https://user:secret@10.0.0.7', 'WEBHOOK_SERVER_INVALID'],
  ['10.0.0.7:0', 'WEBHOOK_SERVER_INVALID'],
  ['10.0.0.7:65536', 'WEBHOOK_SERVER_INVALID'],
  ['10.0.0.7:', 'WEBHOOK_SERVER_INVALID'],
  ['10.0.0.7:http', 'WEBHOOK_SERVER_INVALID'],
  ['[fd00::7]:', 'WEBHOOK_SERVER_INVALID'],
  ['', 'HOST_INVALID'],
  ['0.0.0.0', 'HOST_INVALID'],
  ['https://', 'HOST_INVALID'],
])('refuses %j', (text, code) => {
  expect(() => parseWebhookAddress(text)).toThrow(expect.objectContaining({ code }));
});

describe('the URL', () => {
  it.each([
    [{ host: '10.0.0.7', port: 8080 }, 'prod-eu', undefined, 'https://10.0.0.7:8080/prod-eu'],
    [{ host: 'fd00::7', port: 8080 }, 'prod-eu', 'cp-1', 'https://[fd00::7]:8080/prod-eu/cp-1'],
    [{ host: 'audit.example.com', port: 443 }, 'a', undefined, 'https://audit.example.com:443/a'],
  ])('of %j for %s %s is %s', (address, cluster, apiServer, url) => {
    expect(renderWebhookUrl(address, cluster, apiServer)).toBe(url);
  });

  it.each([
    ['Prod', undefined],
    ['a/b', undefined],
    ['a', '../b'],
    ['a', ''],
  ])('refuses the path of cluster %j and API server %j', (cluster, apiServer) => {
    expect(() => renderWebhookUrl({ host: '10.0.0.7', port: 8080 }, cluster, apiServer)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_NAME_INVALID' }),
    );
  });
});
