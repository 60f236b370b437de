import * as vscode from 'vscode';
import type { IdentityService } from '../../aws/identity';
import { WorkbenchError } from '../../core/errors';
import { profileWords } from '../identity/identityWords';
import { profileName, type ProfileCatalog } from '../identity/profileCatalog';

interface ProfileItem extends vscode.QuickPickItem {
  profile: string;
}

/**
 * Lets the user pick who tools act as. The running server takes it over at once.
 * @param verify asks AWS who that is, and lets the user sign in where that is needed.
 * @param name picks without asking, for other commands and key bindings.
 * @throws WorkbenchError `NotFound` where there is no profile, or none of that name.
 */
export async function selectProfile(
  identity: IdentityService,
  catalog: ProfileCatalog,
  verify: () => Promise<void>,
  name?: unknown,
): Promise<void> {
  const picked = typeof name === 'string' ? await findProfile(identity, name) : await pickProfile(identity, catalog);
  if (picked === undefined) return;
  // A Region goes with the profile it was picked for: the new profile brings its own.
  identity.select({ profile: picked });
  await verify();
}

async function findProfile(identity: IdentityService, name: string): Promise<string> {
  const profiles = await identity.listProfiles();
  if (!profiles.some((profile) => profile.name === name)) {
    throw new WorkbenchError('NotFound', `There is no AWS profile ${name}.`, {
      remedy: 'Pick one of the profiles in the AWS config file.',
    });
  }
  return name;
}

async function pickProfile(identity: IdentityService, catalog: ProfileCatalog): Promise<string | undefined> {
  const profiles = await identity.listProfiles();
  if (profiles.length === 0) {
    throw new WorkbenchError('InvalidInput', 'There is no AWS profile yet.', {
      remedy: 'Add one to the AWS config file; it is noticed as soon as you save it.',
    });
  }
  const current = profileName(catalog.current.state);
  const items: ProfileItem[] = profiles.map((profile) => ({
    profile: profile.name,
    label: profile.name === current ? `$(check) ${profile.name}` : profile.name,
    description: profileWords(profile),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('AWS Profile'),
    placeHolder: vscode.l10n.t('Who tools act as, in this window and from the next call on'),
    matchOnDescription: true,
  });
  return picked?.profile;
}
