import { fromIni, fromSSO } from '@aws-sdk/credential-providers';

/** Another program on this machine that uses the AWS SDK. It says whose credentials it got, or why it got none. */
async function main(kind = '', profile = ''): Promise<object> {
  const provider = kind === 'fromSSO' ? fromSSO({ profile }) : fromIni({ profile });
  const { accessKeyId, sessionToken } = await provider();
  return { accessKeyId, hasSessionToken: sessionToken !== undefined };
}

main(...process.argv.slice(2)).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error: unknown) => console.log(JSON.stringify({ error: (error as Error).message })),
);
