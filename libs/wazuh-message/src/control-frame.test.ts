import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ControlFrameReader, encodeControlFrame } from './control-frame.ts';

it('begins with the length in bytes, little-endian', () => {
  expect([...encodeControlFrame('ä')]).toEqual([2, 0, 0, 0, 0xc3, 0xa4]);
});

it('is put together again, however the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), (texts, step) => {
      const stream = Buffer.concat(texts.map(encodeControlFrame));
      const reader = new ControlFrameReader();
      const read: string[] = [];
      for (let at = 0; at < stream.length; at += step) read.push(...reader.push(stream.subarray(at, at + step)));
      expect(read).toEqual(texts);
    }),
  );
});

it('does not believe a length beyond the limit', () => {
  const reader = new ControlFrameReader(10);
  expect(reader.push(encodeControlFrame('0123456789'))).toEqual(['0123456789']);
  expect(() => reader.push(encodeControlFrame('0123456789a'))).toThrow(expect.objectContaining({ code: 'CONTROL_FRAME_TOO_LARGE' }));
});
