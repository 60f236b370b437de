/** What `--help` prints. */
export const helpText = `MCP Workbench for AWS, without an editor.

Usage:
  cli.js serve --stdio [options]          Serve the MCP client that started this process.
  cli.js serve --http [--port N] [options]
                                          Serve MCP clients on 127.0.0.1. Prints one line, {"url": "…"}, and serves
                                          until SIGINT or SIGTERM. The environment variable MCP_WORKBENCH_TOKEN (at
                                          least 32 characters) is what clients send as "Authorization: Bearer …".
  cli.js call TOOL [--input JSON] [options]
                                          Call one tool. Prints its result as JSON on standard output and exits 0. If
                                          the tool fails, prints the error as JSON on standard error and exits 1.
  cli.js policy [--partition NAME] [options]
                                          Print the IAM policy that the tools need, with --policy, --toolsets and
                                          --allow-writes as for serve. Where one is not enough for IAM's limit, print a
                                          list of policies, to be attached together.
  cli.js audit DIR [--tool PART] [--failed] [--writes] [--limit N]
                                          Print the calls recorded in DIR as JSON lines, newest first. Says on standard
                                          error what does not hold in the log, and exits 1 if it was changed.
  cli.js --help | --version

Options:
  --profile NAME      Profile of the shared AWS config files to act as. Default: as the AWS CLI chooses.
  --region REGION     Region to act in. Default: as the AWS CLI chooses.
  --allow-writes      Offer tools that change something. Each change is still put to a person, through the client; a
                      client that cannot ask is refused, and so is "call".
  --toolsets LIST     Offer only these: aws,cloudformation,lambda,s3,cdk. Default: all.
  --policy FILE       JSON file that says what tools may do: access, toolsets, tools, allowedProfiles, allowedRegions,
                      allowResources, denyResources, productionAccounts, productionWrites. Flags can only take away.
  --audit DIR         Record every call in files in that folder. What cannot be recorded is not changed.
  --workspace DIR     Folder whose CDK app the cdk tools read. Default: the current folder.
  --trust             The code of that folder may be run, which the cdk tools need.
  --port N            Port of serve --http. Default: 0, any that is free.
  --verbose           Log more. Logs go to standard error.

Exit codes: 0 done, 1 failed, 2 the command line makes no sense.
`;
