import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataHead, goAwayFrame, HeaderWriter, maxControlFrameBytes, pingFrame, resetFrame, SpdyError, SpdyParser, type SpdyEvent } from './spdy.ts';

function parsed(pieces: readonly Uint8Array[]): SpdyEvent[] {
  const parser = new SpdyParser();
  return pieces.flatMap((piece) => [...parser.push(piece)]);
}
const control = (type: number, payload: Buffer, options: { version?: number; length?: number; flags?: number } = {}): Buffer => {
  const head = Buffer.from([0x80, options.version ?? 3, 0, type, options.flags ?? 0, 0, 0, 0]);
  head.writeUIntBE(options.length ?? payload.length, 5, 3);
  return Buffer.concat([head, payload]);
};

describe('frames', () => {
  test('of every sort', () => {
    expect(parsed([Buffer.concat([
      control(2, Buffer.from('00000001aabbcc', 'hex')), control(8, Buffer.from('00000003', 'hex'), { flags: 1 }), resetFrame(5, 3), control(4, Buffer.alloc(12)), pingFrame(2), control(9, Buffer.alloc(8, 1)),
      dataHead(1, 2, false), Buffer.from('hi'), dataHead(3, 0, true), goAwayFrame(1, 2),
    ])])).toEqual([
      { kind: 'replied', stream: 1, last: false }, { kind: 'headers', stream: 3, last: true }, { kind: 'reset', stream: 5, status: 3 }, { kind: 'ping', id: 2 },
      { kind: 'data', stream: 1, bytes: Buffer.from('hi'), last: false }, { kind: 'data', stream: 3, bytes: Buffer.alloc(0), last: true }, { kind: 'goAway', status: 2 },
    ]);
  });

  test('an opened stream is one of the server\'s', () => {
    expect(parsed([new HeaderWriter().open(2, { a: 'b' })])).toEqual([{ kind: 'opened', stream: 2, last: false }]);
  });

  test('cut anywhere, they say the same', () => {
    const frame = fc.oneof(
      fc.record({ stream: fc.integer({ min: 1, max: 9 }), bytes: fc.uint8Array({ maxLength: 40 }), last: fc.boolean() }).map(({ stream, bytes, last }) => Buffer.concat([dataHead(stream, bytes.length, last), bytes])),
      fc.uint8Array({ maxLength: 30 }).map((block) => control(2, Buffer.concat([Buffer.from([0, 0, 0, 7]), block]))),
      fc.integer({ min: 1, max: 2 ** 31 }).map((id) => pingFrame(id)),
    );
    /** Pieces of data put together again. */
    const whole = (events: readonly SpdyEvent[]): unknown[] => {
      const all: { kind: string; stream?: number; text?: string; open?: boolean }[] = [];
      for (const event of events) {
        const before = all.at(-1);
        if (event.kind !== 'data') {
          all.push(event);
        } else if (before?.kind === 'data' && before.stream === event.stream && before.open) {
          before.text += Buffer.from(event.bytes).toString('hex');
          before.open = !event.last;
        } else {
          all.push({ kind: 'data', stream: event.stream, text: Buffer.from(event.bytes).toString('hex'), open: !event.last });
        }
      }
      return all;
    };
    fc.assert(fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames);
      const pieces: Buffer[] = [];
      for (let at = 0, index = 0; at < bytes.length; at += cuts[index++ % cuts.length]!) pieces.push(bytes.subarray(at, at + cuts[index % cuts.length]!));
      expect(whole(parsed(pieces))).toEqual(whole(parsed([bytes])));
    }), { seed: 31 });
  });

  test('the largest frame of data passes in pieces, and is held nowhere', () => {
    const parser = new SpdyParser();
    expect([...parser.push(dataHead(1, 0xff_ff_ff, true))]).toEqual([]);
    const piece = Buffer.alloc(65_536, 7);
    let [length, last] = [0, false];
    for (let left = 0xff_ff_ff; left > 0; left -= piece.length) {
      for (const event of parser.push(piece.subarray(0, left))) {
        if (event.kind !== 'data') continue;
        expect(event.bytes.buffer).toBe(piece.buffer);
        length += event.bytes.length;
        last = event.last;
      }
    }
    expect([length, last]).toEqual([0xff_ff_ff, true]);
  });

  test.each([
    ['another version', control(2, Buffer.alloc(4, 1), { version: 2 }), 'version 2 of SPDY'],
    ['an unknown type', control(5, Buffer.alloc(4, 1)), 'frame of the unknown type 5'],
    ['an HTTP answer', Buffer.from('HTTP/1.1 200 OK\r\n'), undefined],
    ['a control frame without an end', control(2, Buffer.alloc(0), { length: 0xff_ff_ff }), `control frame of 16777215 bytes: limit is ${maxControlFrameBytes}`],
    ['too short a reply', control(2, Buffer.alloc(3)), 'frame of type 2 has 3 bytes'],
    ['too long a ping', control(6, Buffer.alloc(5)), 'frame of type 6 has 5 bytes'],
    ['a reply to stream 0', control(2, Buffer.alloc(4)), 'frame of type 2 for stream 0'],
    ['a reset of stream 0', control(3, Buffer.alloc(8)), 'frame of type 3 for stream 0'],
    ['data of stream 0', Buffer.concat([dataHead(0, 1, false), Buffer.from('x')]), 'data of stream 0'],
  ])('no SPDY: %s', (_name, bytes, message) => {
    if (message === undefined) expect(parsed([bytes]).every((event) => event.kind === 'data')).toBe(true);
    else expect(() => parsed([bytes])).toThrow(new SpdyError(message));
  });

  test('whatever comes, it is events or an error', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (pieces) => {
      try {
        parsed(pieces);
      } catch (error) {
        expect(error).toBeInstanceOf(SpdyError);
      }
    }), { seed: 5, numRuns: 500 });
  });
});
