import { WorkbenchError } from '../../core/errors';
import { redactText } from '../../core/redact';
import type { CdkApp } from './cdkApp';
import type { CommandLineError } from './commandLine';

/** Error messages as a whole are cut at 2000 characters, from their end, and here the end is what matters. */
const maxOutputCharacters = 1600;
const maxCommandCharacters = 200;

/** What a message in an app's output means for the person who has to do something about it. First match wins. */
const knownFailures: readonly { pattern: RegExp; remedy: (app: CdkApp) => string }[] = [
  {
    // A relative or absolute path is a file of the app itself; a bare name is a package.
    pattern: /Cannot find module '(?:\.|\/|[A-Za-z]:\\)(?!.*node_modules).*'/,
    remedy: ({ name }) =>
      `A file of the app is missing: build the app in ${name} if it needs a build, or correct \`app\` in its cdk.json.`,
  },
  {
    pattern:
      /Cannot find module|Cannot find package|ERR_MODULE_NOT_FOUND|ModuleNotFoundError|No module named|npx canceled due to missing packages|error TS2307|Could not find or load main class/,
    remedy: ({ name }) =>
      `Install the app's dependencies in ${name} (npm ci, pip install -r requirements.txt or what its README says), then call again.`,
  },
  {
    pattern: /Cannot retrieve value from context provider .* since account\/region are not specified/,
    remedy: () =>
      'Pass the `account` and `region` that the app should be synthesised for, or set `env` on the stack in the app.',
  },
  {
    pattern: /spawnSync docker ENOENT|Cannot connect to the Docker daemon|docker exited with status/i,
    remedy: () => 'The app bundles an asset with Docker: start Docker, then call again.',
  },
  {
    pattern: /Cannot find asset at|ENOENT: no such file or directory/,
    remedy: ({ name }) => `The app reads a file that does not exist: create or build it in ${name}.`,
  },
];

/** 127 from a POSIX shell, 9009 and 1 with that sentence from the one of Windows. */
const unknownCommand = /(?:command )?not found\s*$|is not recognized as an internal or external command/m;

/** Makes the error of an app that could not be run to its end: what it said last, and what to do about it. */
export function appFailure(app: CdkApp, error: CommandLineError): WorkbenchError {
  // Before it is cut: half a secret looks like none.
  const tail = redactText(error.output).slice(-maxOutputCharacters);
  const how =
    error.message.length > maxCommandCharacters ? `${error.message.slice(0, maxCommandCharacters)}…` : error.message;
  const said = tail === '' ? 'It wrote no error.' : `Its last output:\n${tail}`;
  const isUnknownCommand = error.exitCode === 127 || unknownCommand.test(error.output);
  const known = knownFailures.find(({ pattern }) => pattern.test(error.output));
  const remedy = isUnknownCommand
    ? `Install the app's dependencies in ${app.name} and see that every command of \`${error.commandLine}\` is on the PATH.`
    : (known?.remedy(app) ??
      `Correct the app in ${app.name}; \`${error.commandLine}\` run in its folder shows the same.`);
  return new WorkbenchError('InvalidInput', `The CDK app failed: ${how}. ${said}`, { remedy, cause: error });
}
