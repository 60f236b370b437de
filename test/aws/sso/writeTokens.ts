import { SharedTokenCache } from '../../../src/aws/sso/sharedTokenCache';
import type { SsoSession } from '../../../src/aws/sso/ssoSession';

/** Writes one token after the other, large ones, until it is killed. */
async function main(home: string, session: SsoSession): Promise<never> {
  const cache = new SharedTokenCache(home);
  for (let round = 0; ; round++) {
    const lock = await cache.lock(session);
    await cache.write(session, {
      accessToken: String(round).padEnd(200_000, 'x'),
      expiresAt: Date.now() + 3_600_000,
      startUrl: session.startUrl,
      region: session.region,
      refreshToken: String(round),
    });
    await lock.release();
    if (round === 0) console.log('writing');
  }
}

const { home, session } = JSON.parse(process.argv[2] ?? '') as { home: string; session: SsoSession };
main(home, session).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
