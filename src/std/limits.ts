import { PART_LIMITS } from './limits-of-parts.ts'

/**
 * Every bound of the product. A queue, body, list, wait or retry without a row here is a defect.
 * Units are in the names.
 */
export const LIMITS = {
  /** A request body on any MCP address (R31). */
  requestBytesMax: 4 * 1024 * 1024,
  /** Bodies that are being read, all together in one process. */
  requestBytesHeldMax: 256 * 1024 * 1024,
  /** How much of a refused body is read, so that the client gets to see why. */
  discardBytesMax: 64 * 1024 * 1024,
  /** A request body on the control plane. */
  apiBodyBytesMax: 1024 * 1024,
  /** The same where no credential is needed. */
  openBodyBytesMax: 16 * 1024,
  /** One answer of an upstream that is not a stream. */
  resultBytesMax: 16 * 1024 * 1024,
  /** One event of an upstream's event stream. */
  eventBytesMax: 16 * 1024 * 1024,
  /** One line of a stdio server. */
  lineBytesMax: 16 * 1024 * 1024,
  jsonDepthMax: 64,
  jsonKeysMax: 100_000,
  /** An upstream's answer: 5,000 tools with rich schemas pass. */
  answerDepthMax: 256,
  answerKeysMax: 5_000_000,
  headerBytesMax: 16 * 1024,
  headersMax: 100,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 15_000,
  keepAliveMs: 75_000,
  /** How soon a server that stops closes a connection whose last call has ended. */
  idleSweepMs: 50,
  connectionsMax: 20_000,
  tlsHandshakeMs: 10_000,
  /** A PEM file: a certificate with its chain, or a key. */
  tlsFileBytesMax: 1024 * 1024,
  /** How often certificate and key are looked at, and how long both must then stay as they are before they are taken over. */
  tlsLookMs: 1_000,
  tlsSettleMs: 300,
  /** Before the end of a certificate from which on each start and each renewal warns. */
  tlsExpiryWarningMs: 14 * 24 * 3_600_000,
  /** Requests that one HTTP/2 connection has under way. */
  http2StreamsMax: 128,
  /** How many of them its client may cancel at once, and then in a second; more ends the connection (CVE-2023-44487). */
  http2ResetBurst: 500,
  http2ResetsPerSecond: 50,
  /** Memory of one HTTP/2 connection: answers that are not read, header tables, unanswered control frames. */
  http2SessionMegabytesMax: 32,
  /** Entries of one SETTINGS frame, and frames of that kind and PINGs that wait for their acknowledgement. */
  http2SettingsMax: 32,
  http2OutstandingMax: 10,
  /** Frames that break the protocol, and streams beyond the maximum, before the connection ends. */
  http2FaultsMax: 100,
  /** Addresses in X-Forwarded-For that are looked at, from the right. */
  forwardedHopsMax: 32,
  callsInFlightMax: 10_000,
  callsInFlightPerCallerMax: 1_000,
  /** Callers whose calls under way are counted before those without any are forgotten. */
  callersCountedMax: 10_000,
  eventStreamsMax: 20_000,
  eventStreamsPerCallerMax: 1_000,
  eventStreamBufferBytesMax: 1024 * 1024,
  eventStreamHeartbeatMs: 15_000,
  /** How soon a stream ends whose credential has expired. */
  eventStreamSweepMs: 500,
  /** WebSockets and event streams of 2024-11-05 that are open: clients that say one message after the other on them. */
  conversationsMax: 10_000,
  conversationsPerCallerMax: 500,
  /** Requests that one of them has under way, and notifications and responses. */
  conversationRequestsMax: 128,
  conversationNoticesMax: 256,
  /** What may wait until its client reads; twice the largest answer. */
  conversationBufferBytesMax: 32 * 1024 * 1024,
  /** How often a WebSocket is asked whether its client still lives; a second unanswered time ends it. */
  webSocketPingMs: 20_000,
  /** How long the closing handshake of a WebSocket may take. */
  webSocketCloseMs: 2_000,
  webSocketFragmentsMax: 1_024,
  /** Tools of a conversation whose arguments are repeated as headers. */
  conversationParamToolsMax: 1_000,
  /** How often the stream of one request is taken up again. */
  streamResumesMax: 1_000,
  /** Refusals in a row after which the stream of a session is not opened any more. */
  streamFailuresMax: 5,
  /** How long a message waits for the process that has its event stream. */
  messageHandOverMs: 1_000,
  upstreamConnectionsMax: 64,
  upstreamConnectTimeoutMs: 5_000,
  upstreamQueueMax: 10_000,
  /** How long an unused connection to an upstream is kept when the server does not say, and at most when it does. */
  upstreamIdleMsDefault: 4_000,
  upstreamIdleMsMax: 300_000,
  /** How much earlier than the server we let go of an unused connection. */
  upstreamIdleMarginMs: 1_000,
  upstreamIdleSweepMs: 1_000,
  /** Answers with status 1xx before the one that counts. */
  upstreamInterimAnswersMax: 8,
  /** Silence on a connection after which TCP asks whether the other side still lives. */
  tcpKeepAliveMs: 60_000,
  /** How long the rest of a body may take once the answer in it is known. */
  upstreamTailMs: 1_000,
  /** Before a legacy stream that ended early is taken up again. */
  streamResumeMsDefault: 1_000,
  streamResumeMsMax: 10_000,
  streamResumeMsMin: 50,
  /** Sessions at one legacy server, one per client and what it can be asked; how long one that nobody uses is kept. */
  upstreamSessionsMax: 1_000,
  upstreamSessionIdleMs: 600_000,
  /** How often sessions and waiting calls that have grown old are looked for. */
  upstreamSweepMs: 1_000,
  /** How long a call waits for the stream on which its session may be asked something. */
  sessionStreamOpenMs: 500,
  /** The address that a server of 2024-11-05 names for messages to it. */
  endpointLengthMax: 4_096,
  deadlineMsDefault: 30_000,
  startDeadlineMsDefault: 60_000,
  listDeadlineMsDefault: 10_000,
  deadlineMsMax: 3_600_000,
  listPagesMax: 100,
  toolsPerUpstreamMax: 10_000,
  /** The same for prompts, resources, templates and skills, each. */
  listItemsPerUpstreamMax: 10_000,
  /** One page of a list of ours: as many as a client takes that does not turn pages, and never more than a client reads. */
  listPageItemsMax: 10_000,
  listPageBytesMax: 16 * 1024 * 1024,
  /** How long a cursor of ours is good, and how long it is. */
  cursorAgeMsMax: 3_600_000,
  cursorLengthMax: 32 * 1024,
  /** How long an answer about capabilities waits for servers that have not said theirs yet, and is believed. */
  describeWaitMs: 2_000,
  describedTtlMs: 60_000,
  /** How long nobody waits for a server that did not say its capabilities in time. */
  describeSilenceMs: 30_000,
  uriLengthMax: 8_192,
  /** Comparisons that finding the template of one URI, or of all URIs in one result, may cost. */
  templateStepsMax: 500_000,
  /** URIs that results mentioned and no list has: for how many callers they are remembered, and how many of each. */
  mentioningCallersMax: 1_000,
  mentionsPerCallerMax: 256,
  /** How long the id of a task is good, unless its server keeps the task for longer. */
  taskIdAgeMs: 30 * 24 * 3_600_000,
  taskIdLengthMax: 1_024,
  taskTokenLengthMax: 4_096,
  /** Resources, and tasks, of which one stream wants to hear. */
  followedPerStreamMax: 1_000,
  /** How long changes are gathered, so that a burst of them is told once. */
  changeGatherMs: 50,
  /** Of one stream; what else a server says in that time is dropped. */
  changesGatheredMax: 4_000,
  toolNameLengthMax: 128,
  aliasLengthMax: 64,
  nameLengthMax: 63,
  eraProbeMs: 5_000,
  eraVerdictMsMax: 24 * 3_600_000,
  catalogueTtlMsDefault: 300_000,
  callsPerSecondPerCaller: 600,
  callsPerSecondPerTenant: 50_000,
  callBurstPerTenant: 100_000,
  authenticationFailuresPerSecond: 20,
  authenticationFailureBurst: 100,
  /** Refusals of addresses that fail too often, as far as they are recorded. */
  floodRecordsPerSecond: 1,
  credentialCacheMax: 50_000,
  endedSessionsMax: 10_000,
  sessionAgeMsMax: 24 * 3_600_000,
  /** How long a call that waits for input can be taken up again. */
  parkedCallMsMax: 600_000,
  /** Calls that one upstream keeps for their clients to answer. */
  parkedCallsMax: 1_000,
  parkedCallsPerPrincipalMax: 32,
  /** What the servers of these calls have said that nobody has fetched yet, for one upstream. */
  parkedBytesMax: 64 * 1024 * 1024,
  /** A `requestState` of an upstream, as JSON writes it: sealed, it must stay below `requestStateLengthMax`. */
  upstreamStateBytesMax: 64 * 1024,
  /** What a server has asked within one call and not been told yet. */
  serverRequestsMax: 16,
  /** How long what a stdio server asks is gathered, so that its client gets together what comes together. */
  serverRequestGatherMs: 10,
  /** How long a client of the handshake era may take to answer what a server asks in the middle of a call. */
  inputWaitMsMax: 600_000,
  /** How often a server may ask within one call. */
  inputRoundsMax: 8,
  /** Questions that one session has open. */
  clientQuestionsMax: 64,
  /** A `requestState` as it comes back, sealed. */
  requestStateLengthMax: 96 * 1024,
  /** Request states that are remembered as used until they would have expired. */
  usedRequestStatesMax: 100_000,
  /** What streams of sessions keep for clients that come back: streams, bytes in all, and of one stream events and bytes. */
  eventStoreStreamsMax: 10_000,
  eventStoreBytesMax: 64 * 1024 * 1024,
  eventStoreEventsMax: 1_000,
  eventStoreStreamBytesMax: 4 * 1024 * 1024,
  eventStoreAgeMsMax: 600_000,
  /** How often a stream that was taken up again looks for new events. */
  eventStorePollMs: 100,
  /** Spans that wait for the collector before new ones are dropped, and how often they are sent. */
  traceQueueMax: 4_096,
  traceIntervalMs: 2_000,
  /** Results that servers let us keep. */
  resultCacheEntriesMax: 2_000,
  resultCacheBytesMax: 32 * 1024 * 1024,
  resultCacheEntryBytesMax: 1024 * 1024,
  resultCacheTtlMsMax: 3_600_000,
  /** The search over tools: words taken, results given, and what is read of each tool. */
  toolQueryLengthMax: 500,
  toolResultsMax: 20,
  toolIndexTextMax: 4_000,
  toolIndexParametersMax: 50,
  /** Tools that are indexed before others get their turn. */
  toolIndexChunk: 50,
  /** Resources of which one session wants to hear updates. */
  sessionWatchesMax: 1_000,
  snapshotPollMs: 500,
  /** How long a scrape waits for the numbers of a worker process. */
  workerReportMs: 1_000,
  snapshotStaleSecondsDefault: 300,
  spoolBytesMax: 256 * 1024 * 1024,
  spoolFileBytesMax: 16 * 1024 * 1024,
  spoolSlabBytes: 1024 * 1024,
  /** What one batch of the drain carries. Every event is shorter than that many bytes. */
  drainBatchMax: 1_000,
  drainBatchBytesMax: 512 * 1024,
  /** How long the drain lets events gather after a batch, unless that many bytes wait: a batch costs as much as many events. */
  drainRestMs: 200,
  /** How many events of a batch are worked on, and how many of its statements run, before other work gets its turn. */
  drainSliceMax: 250,
  drainStatementsMax: 50,
  /** How far the times in a block of events may lie apart. Readers look that far for a moment: it may grow, never shrink. */
  auditBlockMsMax: 2_000,
  /** How many values of a column the summary of a block names; beyond that the block itself is looked into. */
  auditSummaryValuesMax: 32,
  /** How many blocks are looked through at a time, without their events. */
  auditBlockPage: 100,
  /** Names of tools that are counted apart, per tenant and minute; callers choose them, so the rest is counted together. */
  callMinuteToolsMax: 200,
  /** How long calls per minute are kept: twice the longest report, which looks at the period before as well. */
  callMinuteKeptMs: 62 * 24 * 3_600_000,
  callMinuteSweepMs: 3_600_000,
  /** How much one statement of that sweep removes. */
  callMinuteSweepSpanMs: 3_600_000,
  /** The longest stretch of time that one report covers, and its points. */
  insightRangeMsMax: 31 * 24 * 3_600_000,
  insightPointsMax: 120,
  /** How much of it one statement reads: little from SQLite, which works in the thread of the calls, more from a server. */
  insightSqliteSliceMs: 3_600_000,
  insightPostgresSliceMs: 24 * 3_600_000,
  /** Tools and deployments of a report: how many are told apart while it is made, and how many it names. */
  insightGroupsMax: 10_000,
  insightTopMax: 20,
  /** Reports that are being made at the same moment, of one tenant and of all. */
  reportsPerTenantMax: 8,
  reportsMax: 32,
  /** What a console is told to look at: how many things, from how long of failing calls, how many of them. */
  attentionItemsMax: 100,
  attentionWindowMs: 15 * 60_000,
  attentionCallsMin: 10,
  attentionKeyExpiryMs: 7 * 24 * 3_600_000,
  attentionKeyUnusedMs: 90 * 24 * 3_600_000,
  /** How many events, and blocks that cannot hold one, a page of a filtered list passes before it ends early. */
  auditScanRowsMax: 100_000,
  /** How often the last use of keys is written down. */
  keyUseIntervalMs: 1_000,
  drainIntervalMs: 50,
  drainRetryMsMax: 5_000,
  drainPollMs: 250,
  spoolRefreshMs: 100,
  auditTextLengthMax: 1_024,
  auditColumnLengthMax: 256,
  auditStepsMax: 16,
  auditKnownTextsMax: 2_000,
  auditVerifyPage: 1_000,
  auditFindingsMax: 64,
  activityQueueMax: 1_000,
  /** The redacted arguments of a call, and its redacted result, as far as they are kept; and one string in them. */
  callBodyBytesMax: 16 * 1024,
  callBodyStringLengthMax: 4_096,
  /** Bodies larger than this are not looked into: only their size is kept. */
  callBodyReadBytesMax: 1024 * 1024,
  /** Bodies that wait to be redacted in one process; what comes while it is full is dropped and counted. */
  callBodyQueueBytesMax: 32 * 1024 * 1024,
  callBodyQueueMax: 2_000,
  callBodyBatchMax: 50,
  callBodyFlushMs: 100,
  /** How long a batch may take to be stored, or to reach the process that stores. */
  callBodyStoreMs: 10_000,
  callBodiesPerTenantMax: 10_000,
  callBodyAgeMsMax: 7 * 24 * 3_600_000,
  /** After how many stored bodies, and after how long at most, what is beyond these two is removed. */
  callBodySweepRows: 500,
  callBodySweepMs: 600_000,
  logTextLengthMax: 16_384,
  logDepthMax: 5,
  logEntriesMax: 50,
  maskedSecretsMax: 20_000,
  metricDeploymentsMax: 500,
  metricMethodsMax: 64,
  metricOutcomesMax: 64,
  ...PART_LIMITS,
} as const

export type LimitName = keyof typeof LIMITS
