import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const fakeAccount = '123456789012';

/** An STS that knows one caller. */
export async function startFakeSts(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' }).end(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
        <Arn>arn:aws:sts::${fakeAccount}:assumed-role/Developer/somebody</Arn>
        <UserId>AROAEXAMPLE:somebody</UserId><Account>${fakeAccount}</Account>
      </GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>
      </GetCallerIdentityResponse>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
