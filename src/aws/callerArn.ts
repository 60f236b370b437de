/**
 * The name a person knows an identity by, from the ARN that STS `GetCallerIdentity` answers or from a role's ARN:
 * the permission set of an IAM Identity Center role, else the role, user or federated user without its path, or `root`.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function nameOfArn(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  const [type = '', ...rest] = resource.split('/');
  if (type === 'assumed-role') return permissionSetOf(rest[0]) ?? arn;
  if (type === 'role') return permissionSetOf(rest.at(-1)) ?? arn;
  if (type === 'user' || type === 'federated-user') return rest.at(-1) || arn;
  return resource || arn;
}

/** IAM Identity Center names the role of a permission set `AWSReservedSSO_<permission set>_<16 hex digits>`. */
function permissionSetOf(role: string | undefined): string | undefined {
  if (!role) return undefined;
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role)?.[1] ?? role;
}
