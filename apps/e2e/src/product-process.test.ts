import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProduct, type Product } from './product-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'product-process-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(script: string, name: string = 'product.mjs', mode: number = 0o644): Product {
  writeFileSync(join(folder, name), script, { mode });
  return createProduct(join(folder, name));
}

it('returns what a command printed', async () => {
  expect(await program('console.log(process.argv.slice(2).join())').run(['policy', 'render'])).toBe('policy,render\n');
});

it('runs a program that is no script', async () => {
  expect(await program('#!/bin/sh\necho "$@"\n', 'k8s-audit', 0o755).run(['--version'])).toBe('--version\n');
});

it('tells what a failed command said', async () => {
  await expect(program('console.error("no such pack"); process.exit(2)').run(['rules', 'render'])).rejects.toMatchObject({
    code: 'PRODUCT_COMMAND_FAILED',
    message: 'k8s-audit rules render: ended with 2\nno such pack',
  });
});

it('waits for the ready line of a service, behind other lines', async () => {
  const product = program(`
    console.log('starting {"event":"ready"}');
    console.log('{"event":"listening","note":"not ready"}');
    setTimeout(() => console.log('{"event":"ready","url":"https://127.0.0.1:1"}'), 50);
    setInterval(() => {}, 1000);`);
  const { ready, process } = await product.start('service', ['run'], join(folder, 'service.log'));

  expect(ready['url']).toBe('https://127.0.0.1:1');
  expect(await process.stop(5_000)).toMatchObject({ killed: false });
});

it('tells why a service ended before it was ready', async () => {
  const product = program('console.error("the port is taken"); process.exit(1)');

  await expect(product.start('service', ['run'], join(folder, 'service.log'))).rejects.toMatchObject({
    code: 'PRODUCT_COMMAND_FAILED',
    message: expect.stringContaining('the port is taken'),
  });
});
