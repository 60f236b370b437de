import { UriTemplate } from './uriTemplate';

export const templateUriTemplate = 'cloudformation://{stack}/template';
export const functionUriTemplate = 'lambda://{function}/configuration';

const templates = new UriTemplate(templateUriTemplate);
const functions = new UriTemplate(functionUriTemplate);

/** URI of the template of a stack. */
export function templateUri(stackName: string): string {
  return templates.expand({ stack: stackName });
}

/** URI of the configuration of a function. */
export function functionUri(functionName: string): string {
  return functions.expand({ function: functionName });
}
