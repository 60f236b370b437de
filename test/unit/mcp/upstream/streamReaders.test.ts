import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { EventStreamReader, EventTooLong } from '../../../../src/mcp/upstream/eventStreamReader';
import { LineSplitter, LineTooLong, onOneLine } from '../../../../src/mcp/upstream/lineSplitter';
import { TextTail } from '../../../../src/mcp/upstream/textTail';

/** The bytes of a text, cut at these places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('LineSplitter', () => {
  it('finds the same lines wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^\r\n]+$/)), fc.array(fc.nat()), (lines, places) => {
        const splitter = new LineSplitter(1_000_000);
        const text = lines.map((line, index) => `${line}${index % 2 ? '\r\n' : '\n'}`).join('');
        const found = cut(text, places).flatMap((chunk) => splitter.push(chunk));
        assert.deepEqual(
          found.map(String),
          lines.map((line) => Buffer.from(line).toString()),
        );
      }),
    );
  });

  it('gives up on a line that is too long, complete or not', () => {
    assert.throws(() => new LineSplitter(4).push(Buffer.from('12345')), LineTooLong);
    assert.throws(() => new LineSplitter(4).push(Buffer.from('12345\n')), LineTooLong);
  });

  it('makes one line of a message with as many bytes', () => {
    assert.equal(onOneLine(Buffer.from('{\r\n"a":1\n}')).toString(), '{  "a":1 }');
    const already = Buffer.from('{}');
    assert.equal(onOneLine(already), already);
  });
});

describe('EventStreamReader', () => {
  it('reads events, their ids and several lines of data, wherever the stream is cut', () => {
    const text =
      ': hello\n\nid: 7\ndata: \n\nevent: message\r\ndata: {"a":\r\ndata: 1}\r\n\r\nevent:endpoint\ndata:/here?é\nretry: 5\n\ndata: half';
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        const reader = new EventStreamReader();
        const events = cut(text, places).flatMap((chunk) => reader.push(chunk));
        assert.deepEqual(
          events.map(({ event, data, id }) => [event, data.toString(), id]),
          [
            ['message', '', '7'],
            ['message', '{"a":\n1}', '7'],
            ['endpoint', '/here?é', '7'],
          ],
        );
      }),
    );
  });

  it('gives up on an event that is too long', () => {
    assert.throws(() => new EventStreamReader(8).push(Buffer.from('data: 12345\ndata: 678')), EventTooLong);
  });
});

describe('TextTail', () => {
  it('keeps the end, counts what is gone and knows the last line', () => {
    const tail = new TextTail(10);
    for (let line = 0; line < 5000; line++) tail.append(`line ${line}\n`);
    assert.equal(tail.toString(), '\nline 4999\n'.slice(-10));
    assert.equal(tail.lastLine(4), 'line');
    assert.ok(tail.droppedChars > 40_000);
  });
});
