import manifest from '../../package.json';
import { messageOf, WorkbenchError } from '../core/errors';
import { readCommandLine, UsageError } from './commandLine';
import { standardErrorLogger } from './standardErrorLogger';

const { version } = manifest;

/** Runs one command line and gives the exit code. Everything that is heavy is loaded once it is known to be needed. */
async function run(): Promise<number> {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command.kind === 'help') {
    const { helpText } = await import('./helpText');
    process.stdout.write(helpText);
    return 0;
  }
  if (command.kind === 'version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (command.kind === 'audit') {
    const { showAudit } = await import('./auditCommand');
    return showAudit(command);
  }
  const { flags } = command;
  const logger = standardErrorLogger(flags.verbose);
  const context = { version, logger };
  // What packages warn of is for us, not for the program that reads our standard error.
  process.removeAllListeners('warning').on('warning', ({ name, message }) => logger.debug(`${name}: ${message}`));
  if (command.kind === 'policy') {
    const { printIamPolicy } = await import('./policyCommand');
    return printIamPolicy(flags, command.partition);
  }
  if (command.kind === 'call') {
    const { callTool } = await import('./callCommand');
    return callTool(flags, command, context);
  }
  if (command.kind === 'serveStdio') {
    const { serveStdio } = await import('./serveStdio');
    await serveStdio(flags, context);
  } else {
    const { serveHttp } = await import('./serveHttp');
    await serveHttp(flags, command, context);
  }
  return 0;
}

async function main(): Promise<void> {
  let exitCode: number;
  try {
    exitCode = await run();
  } catch (error) {
    const remedy = WorkbenchError.is(error) ? ` ${error.remedy}` : '';
    process.stderr.write(`${messageOf(error)}${remedy}\n`);
    exitCode = error instanceof UsageError ? 2 : 1;
  }
  // What was written may still be on its way through a pipe; connections that AWS keeps open must not hold us.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}

void main();
