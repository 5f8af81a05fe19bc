// What each problem means to whoever meets it. The console shows it, the reference page is made from it. It knows the
// catalogue and nothing else, so that a browser can carry it.
import { PROBLEM_TYPE_BASE, PROBLEMS, type ProblemType } from './problem.ts'

/** Who can mend it: who sent the request, who may change this tenant, who runs the machine, who wrote the MCP server. */
export const MENDERS = {
  caller: 'Whoever sent the request: the client or its user',
  admin: 'An admin of Sallyport',
  operator: 'The operator of the machine Sallyport runs on',
  author: 'The author of the MCP server',
} as const

export type Mender = keyof typeof MENDERS

interface GuideRow {
  readonly meaning: string
  /** The first one usually. */
  readonly mendedBy: readonly Mender[]
  /** What usually mends it, the likeliest first. Commands, settings and headers stand between backquotes. */
  readonly mend: readonly string[]
}

/** One row per problem of the catalogue: a new problem without one does not compile. */
export const PROBLEM_GUIDE = {
  'malformed-json': {
    meaning: 'The body of the request could not be read as JSON, so nothing was decided about it.',
    mendedBy: ['caller'],
    mend: [
      'Send one complete JSON text in UTF-8, with `Content-Type: application/json`.',
      'A proxy on the way may have cut the body; send it directly to see.',
    ],
  },
  'invalid-request': {
    meaning: 'The body is JSON but not one JSON-RPC 2.0 message, or it can be read in two ways, such as a member that occurs twice.',
    mendedBy: ['caller'],
    mend: [
      'Send one object with `jsonrpc`, `method` and, for a request, `id`. Batches are not accepted.',
      'Update the client, or its MCP library.',
    ],
  },
  'invalid-params': {
    meaning:
      'The method is known, and its parameters are not what it takes. A tool that this credential may not use looks the same as one that does not exist.',
    mendedBy: ['caller', 'admin'],
    mend: [
      'See what is offered: `sallyport tool list`.',
      'Call with arguments that fit the input schema: `sallyport tool call TOOL KEY=VALUE`.',
      'An admin adds the tool to the profile, or makes a key that may use it.',
    ],
  },
  'header-mismatch': {
    meaning:
      'A header says something else than the body. The body decides; a header that disagrees could lead a proxy astray, so the request is refused.',
    mendedBy: ['caller', 'admin'],
    mend: [
      'Send `Mcp-Method`, `Mcp-Name` and `MCP-Protocol-Version` with the values of the body, or update the client.',
      'For a client that cannot be changed an admin sets the headers of the deployment to `lenient`.',
    ],
  },
  'unsupported-version': {
    meaning: 'The client asked for a revision of MCP that is not spoken here. The answer lists those that are.',
    mendedBy: ['caller'],
    mend: ['Use one of the versions listed under `supported`, or update the client.'],
  },
  'missing-capability': {
    meaning: 'What was asked needs something that the client did not declare it can do, such as answering questions of a server.',
    mendedBy: ['caller'],
    mend: ['Use a client that declares the capability named in the answer.'],
  },
  'session-required': {
    meaning: 'The request belongs to a session of the legacy protocol and names none.',
    mendedBy: ['caller'],
    mend: ['Send `initialize` first, then the header `Mcp-Session-Id` with every request.'],
  },
  unauthenticated: {
    meaning:
      'There was no credential, or one that is unknown, revoked or expired. Which of these it was is not told outside; the server’s log has the reason.',
    mendedBy: ['caller', 'admin'],
    mend: [
      'Send the header `Authorization: Bearer KEY`.',
      'Make a new key: `sallyport key create NAME`, or under Keys in the console.',
      'An owner who has lost every key runs `sallyport owner link` on the machine of the server.',
    ],
  },
  'insufficient-scope': {
    meaning: 'The credential is good, and may reach this, but lacks a scope for what was asked.',
    mendedBy: ['admin'],
    mend: [
      'Make a key that has the scope named in the answer: `sallyport key create NAME --scope SCOPE`.',
      'What needs an owner is done with the key of an owner: `sallyport owner link`.',
    ],
  },
  'wrong-origin': {
    meaning: 'A page of another site sent the request with a browser. This stops pages from reaching servers on your machine.',
    mendedBy: ['caller', 'operator'],
    mend: [
      'Open the console under the server’s public address.',
      'If clients use another address, the operator sets `SALLYPORT_PUBLIC_URL` to it.',
    ],
  },
  'egress-denied': {
    meaning:
      'Something behind this server wanted to reach an address that is not allowed: a private network, a cloud’s metadata service, or what was not granted to the process.',
    mendedBy: ['admin', 'operator'],
    mend: [
      'For a process: `sallyport deployment grant NAME --egress HOST:PORT`, then approve it again.',
      'For a private address that is meant: the operator sets `SALLYPORT_EGRESS_ALLOW`, such as `SALLYPORT_EGRESS_ALLOW=wiki.internal:443`.',
      'Only http and https go out, and no URL with a password in it: send credentials as a header.',
    ],
  },
  'not-found': {
    meaning:
      'There is no such thing, or this credential may not know of it. Both look the same on purpose, so that nobody can find out names by trying.',
    mendedBy: ['caller', 'admin'],
    mend: [
      'See what this credential may use: `sallyport tool list`, or GET `/mcp`.',
      'Check the spelling of the name in the address.',
      'An admin makes a key that may use it: `sallyport key create NAME --profile PROFILE`.',
    ],
  },
  'unknown-method': {
    meaning: 'The method is not one that passes here, or a client and a server of two eras would have to share it.',
    mendedBy: ['caller'],
    mend: ['Use the address of the deployment, `/mcp/NAME`, with a client of the server’s era.', 'Check the spelling of the method.'],
  },
  'unknown-session': {
    meaning: 'The session has ended, was never begun here, or belongs to another credential or endpoint.',
    mendedBy: ['caller'],
    mend: ['Send `initialize` again; clients do this by themselves when they are restarted.'],
  },
  'method-not-allowed': {
    meaning: 'The address exists and does not take this HTTP method. The header `Allow` of the answer lists those it takes.',
    mendedBy: ['caller'],
    mend: ['Use POST for messages to `/mcp`, and the methods of `/docs` for the control plane.'],
  },
  'not-acceptable': {
    meaning: 'The client did not say that it can read the kinds of answer that this address gives.',
    mendedBy: ['caller'],
    mend: ['Send `Accept: application/json, text/event-stream`; for an address that streams, `Accept: text/event-stream`.'],
  },
  conflict: {
    meaning:
      'It would collide with something that is there: a name that is taken, something still in use, a newer version of the same thing, or a port or database that another program holds.',
    mendedBy: ['admin', 'operator'],
    mend: [
      'Choose another name, or remove what has it.',
      'Take what is to be removed out of the profiles or deployments named in the answer first.',
      'For a launch specification: look at what it is now, then approve that.',
      'For a port: stop the other program or start with `--port 0`.',
    ],
  },
  'declared-read-only': {
    meaning: 'This is written in the declared file, or comes with Sallyport. The file is what counts, so a change made here would be lost.',
    mendedBy: ['admin', 'operator'],
    mend: [
      'Change it in the file, at the line that the answer names; the file is watched, no restart is needed.',
      'Of a starter, make one of your own: `sallyport profile create NAME`.',
    ],
  },
  'approval-needed': {
    meaning:
      'A process starts only as exactly that what somebody approved. This one is new, or its command, environment or grants were changed since.',
    mendedBy: ['admin'],
    mend: ['Look at what would run, then approve it: `sallyport deployment approve NAME`, or on its page in the console.'],
  },
  'body-too-large': {
    meaning: 'The request is larger than one may be.',
    mendedBy: ['caller'],
    mend: [
      'Send less in one request; pass large content by reference, such as a URL or a path the server may read.',
      'The bounds stand in the reference of limits.',
    ],
  },
  'unsupported-media-type': {
    meaning: 'The body is not marked as JSON, or is compressed.',
    mendedBy: ['caller'],
    mend: ['Send `Content-Type: application/json` and no `Content-Encoding`.'],
  },
  'wrong-host': {
    meaning: 'The request names a host that is not this server. This stops pages that point a name of their own at your machine.',
    mendedBy: ['operator', 'caller'],
    mend: [
      'Use the server’s public address.',
      'If clients reach it under another name, the operator sets `SALLYPORT_PUBLIC_URL`, such as `SALLYPORT_PUBLIC_URL=https://tools.example.com`.',
    ],
  },
  'invalid-input': {
    meaning: 'The request was understood, and a value in it does not fit. The answer names each value and what is wrong with it.',
    mendedBy: ['caller', 'operator'],
    mend: ['Change the values that the answer names.', 'For a setting: `sallyport config show` tells where each value comes from.'],
  },
  'rate-limited': {
    meaning:
      'This caller makes more calls than it may, or somebody at its address tried too many credentials. The header `Retry-After` says when to go on.',
    mendedBy: ['caller', 'operator'],
    mend: ['Wait as long as the answer says, and call less often.', 'The operator raises `SALLYPORT_CALLS_PER_SECOND`.'],
  },
  'secret-unreadable': {
    meaning:
      'A secret is in the vault, and the key file that is there does not open it: the file belongs to another database, or was exchanged.',
    mendedBy: ['operator', 'admin'],
    mend: ['Restore the key file that belongs to this database from the back-up.', 'Or set the secret again: `sallyport secret set NAME`.'],
  },
  'unsafe-file': {
    meaning:
      'A file with a key or a secret is readable by others, damaged, or missing. Going on would use something that somebody may have seen.',
    mendedBy: ['operator'],
    mend: [
      'If nobody can have read it: `chmod 600 FILE`. Otherwise exchange what it holds.',
      'Restore a damaged or missing file from the back-up.',
      '`sallyport doctor` checks the data folder.',
    ],
  },
  'internal-error': {
    meaning:
      'This is a fault of Sallyport. What happened stands in the server’s log; the answer tells nothing of it, so that it cannot leak.',
    mendedBy: ['operator'],
    mend: ['Look for the incident of the answer in the server’s log.', 'Please report it with that log line.'],
  },
  'upstream-failed': {
    meaning:
      'The MCP server was reached and did not answer as MCP says: an error of its own, a cut connection, or something that is no message.',
    mendedBy: ['author', 'admin'],
    mend: [
      'Read what it says: `sallyport deployment logs NAME`.',
      'See its state and cause: `sallyport deployment show NAME`.',
      'Check its URL and the credential that is sent to it.',
    ],
  },
  'fetch-failed': {
    meaning: 'Sallyport asked another server for something it needs, such as a package or a document, and got no good answer.',
    mendedBy: ['operator', 'admin'],
    mend: [
      'Check that the address in the answer is right and can be reached from the machine of the server: `sallyport doctor`.',
      'Try again later: the other server may be down.',
    ],
  },
  'upstream-down': {
    meaning: 'The MCP server is not running: it does not start, waits for a secret, or ended and is waiting before the next try.',
    mendedBy: ['admin', 'author'],
    mend: [
      'See why: `sallyport deployment show NAME`.',
      'Read what it says: `sallyport deployment logs NAME`.',
      'Then start it again: `sallyport deployment restart NAME`.',
    ],
  },
  'audit-unavailable': {
    meaning:
      'A call that cannot be recorded does not happen. The file of events cannot be written, or too much of it waits for the database.',
    mendedBy: ['operator'],
    mend: [
      'Make room on the disk of the data folder, and let the server write there.',
      'Bring the database back: what waits then goes in by itself.',
      '`SALLYPORT_SPOOL_BYTES_MAX` sets how much may wait.',
    ],
  },
  'snapshot-stale': {
    meaning:
      'The database has been away so long that keys may have been revoked without this process knowing. It refuses rather than guesses.',
    mendedBy: ['operator'],
    mend: ['Bring the database back; calls go on by themselves then.', '`SALLYPORT_STALE_MAX_SECONDS` is how long calls go on without it.'],
  },
  overloaded: {
    meaning:
      'A bound of this server is reached: open calls, streams, sandboxes or bytes in transit. It refuses early, so that what is under way is not harmed.',
    mendedBy: ['caller', 'operator'],
    mend: [
      'Wait a moment, then try again; keep fewer calls and streams open.',
      'The operator adds processes: `SALLYPORT_WORKERS=auto`.',
      'Remove what is no longer needed where the answer names a bound of the tenant.',
    ],
  },
  'store-unavailable': {
    meaning:
      'The database, or the Redis that several nodes share, cannot be reached or did not answer in time. Calls go on for a while; changes do not.',
    mendedBy: ['operator'],
    mend: [
      'Check that the database of `SALLYPORT_DATABASE_URL` runs and takes connections.',
      'With the embedded one: make room on the disk of the data folder.',
      'With several nodes: check that the Redis of `SALLYPORT_REDIS_URL` runs and takes connections.',
      '`sallyport doctor` says what fails.',
    ],
  },
  'upstream-timeout': {
    meaning: 'The MCP server took longer than its deployment allows. The call was cancelled there too.',
    mendedBy: ['author', 'admin'],
    mend: [
      'Try again: a process may have been starting.',
      'Raise the deadline of the deployment, `deadlineMs` of one call or `startDeadlineMs` of a start.',
      'Read what it says: `sallyport deployment logs NAME`.',
    ],
  },
} as const satisfies Record<ProblemType, GuideRow>

export interface ProblemDescription extends GuideRow {
  readonly type: ProblemType
  readonly title: string
  readonly status: number
  /** Of JSON-RPC. */
  readonly code: number
  /** As it stands in problem documents. */
  readonly uri: string
}

/** Every problem with its row of the catalogue, in the catalogue's order. */
export const PROBLEM_DESCRIPTIONS: readonly ProblemDescription[] = (Object.keys(PROBLEMS) as ProblemType[]).map((type) => {
  const { status, code, title } = PROBLEMS[type]
  return { type, uri: PROBLEM_TYPE_BASE + type, status, code, title, ...PROBLEM_GUIDE[type] }
})
