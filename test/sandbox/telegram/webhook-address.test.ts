import { describe, expect, it } from 'vitest';
import { parseWebhookUrl, problemOfIp } from './webhook-address.ts';

describe('a webhook URL', () => {
  it.each([
    ['https://a.example/x?y=1', { secure: true, host: 'a.example', port: 443, target: '/x?y=1' }],
    ['HTTPS://A.Example', { secure: true, host: 'a.example', port: 443, target: '/' }],
    ['http://a.example', { secure: false, port: 80 }],
    ['a.example/x', { secure: true, host: 'a.example', target: '/x' }],
    ['https://a.example?y=1', { target: '/?y=1' }],
    ['https://user:pass@a.example:88/', { host: 'a.example', port: 88 }],
    ['https://[2001:DB8::1]:8443/', { host: '[2001:db8::1]', port: 8443 }],
    ['https://bücher.example/', { host: 'bücher.example' }],
  ])('reads %s', (url, address) => {
    expect(parseWebhookUrl(url)).toMatchObject(address);
  });

  it.each([
    'ftp://a.example',
    'https://',
    'https:///x',
    'https://.',
    'https://a b/',
    'https://a"b/',
    'https://a.example:0/',
    'https://a.example:65536/',
    'https://a.example:port/',
    'https://[::zz]/',
  ])('refuses %s', (url) => {
    expect(parseWebhookUrl(url)).toBeUndefined();
  });
});

describe('an IP address', () => {
  it.each([
    '0.0.0.1',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
  ])('refuses %s as reserved', (ip) => {
    expect(problemOfIp(ip)).toBe(`IP address ${ip} is reserved`);
  });

  it.each(['8.8.8.8', '172.32.0.1', '149.154.167.220', '223.255.255.255'])('accepts %s', (ip) => {
    expect(problemOfIp(ip)).toBeUndefined();
  });

  it.each(['', 'null', '1.2.3', '256.1.1.1', 'example.com'])('refuses "%s" as invalid', (ip) => {
    expect(problemOfIp(ip)).toBe('Invalid IP address specified');
  });
});
