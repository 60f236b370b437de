import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IdentityCenter } from '../fakes/identityCenter';

/** Answers who somebody is, in the way of AWS STS. */
export interface CallerIdentityService {
  endpoint: string;
  dispose(): Promise<void>;
}

/**
 * A stand-in for STS `GetCallerIdentity` that knows the roles of the stand-in for IAM Identity Center. The local AWS
 * behind takes the access key id for the account and knows no roles, so it would call everybody `root`.
 */
export async function startCallerIdentity(center: IdentityCenter): Promise<CallerIdentityService> {
  const server = createServer((request, response) => {
    request.resume();
    const token = request.headers['x-amz-security-token'];
    const role = typeof token === 'string' ? center.roleOf(token) : undefined;
    if (!role) {
      response
        .writeHead(403, { 'content-type': 'text/xml' })
        .end(
          '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error></ErrorResponse>',
        );
      return;
    }
    const { accountId, roleName } = role;
    const arn = `arn:aws:sts::${accountId}:assumed-role/AWSReservedSSO_${roleName}_0123456789abcdef/jane`;
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>AROA:jane</UserId><Account>${accountId}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
