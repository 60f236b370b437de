import * as z from 'zod';
import { byteLength } from '../../core/byteLength';
import { unescapeUnseen } from '../../core/unseen';

const maxKeyBytes = 1024;

/**
 * A key, or a part of one. Lists show unseen characters of keys as escapes, so escapes are taken here too.
 * The limit is the API's: 1,024 bytes of UTF-8.
 */
export function keyInput(description: string) {
  return z
    .string()
    .min(1)
    .max(8 * maxKeyBytes)
    .refine((key) => byteLength(unescapeUnseen(key)) <= maxKeyBytes, `must be at most ${maxKeyBytes} bytes of UTF-8`)
    .refine((key) => !/\p{Cs}/u.test(unescapeUnseen(key)), 'must be well-formed Unicode')
    .describe(description);
}
