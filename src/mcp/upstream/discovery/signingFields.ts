import { regionPattern } from '../../../aws/regionPattern';
import type { RequestSigning } from '../requestSigning';
import { signedServices } from '../signedService';
import { quoteName } from './configProblem';
import type { FieldReader } from './fieldReader';

/** Reads `"auth": { "type": "sigv4", … }`; service and Region may be left out where the host says them. */
export function readSigning(fields: FieldReader): Partial<RequestSigning> | undefined {
  const auth = fields.object('auth');
  if (!auth) return undefined;
  const type = auth.string('type');
  if (type !== 'sigv4') {
    if (!auth.hasErrors) auth.error('invalidValue', 'The "type" of "auth" must be "sigv4".', 'type');
    return undefined;
  }
  const service = auth.string('service');
  const known = signedServices.find((name) => name === service);
  if (service !== undefined && known === undefined) {
    auth.error('invalidValue', `The service ${quoteName(service)} is none of ${signedServices.join(', ')}.`, 'service');
  }
  const region = auth.string('region');
  if (region !== undefined && !regionPattern.test(region)) {
    auth.error('invalidValue', `${quoteName(region)} is not the name of an AWS Region.`, 'region');
  }
  const profile = auth.string('profile');
  if (auth.hasErrors) return undefined;
  return {
    ...(known === undefined ? {} : { service: known }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}
