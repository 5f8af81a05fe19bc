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
  deadlineMsDefault: 30_000,
  startDeadlineMsDefault: 60_000,
  listDeadlineMsDefault: 10_000,
  deadlineMsMax: 3_600_000,
  listPagesMax: 100,
  toolsPerUpstreamMax: 10_000,
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
  snapshotPollMs: 500,
  /** How long a scrape waits for the numbers of a worker process. */
  workerReportMs: 1_000,
  snapshotStaleSecondsDefault: 300,
  spoolBytesMax: 256 * 1024 * 1024,
  spoolFileBytesMax: 16 * 1024 * 1024,
  spoolSlabBytes: 1024 * 1024,
  drainBatchMax: 200,
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
  /** How many events of a batch are worked on before other work gets its turn. */
  drainSliceMax: 50,
  /** How many rows one look of a filtered list passes, and how many looks one page takes. */
  auditScanRowsMax: 20_000,
  auditScansMax: 25,
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
  metricErasMax: 8,
  metricSeriesMax: 5_000,
  /** How often what SQLite wrote is copied into its file, and the size of its log at which it does so itself. */
  storeCheckpointMs: 5_000,
  storeLogPagesMax: 32_768,
  storeStatementMsMax: 5_000,
  storeConnectionsMax: 10,
  storeConnectMsMax: 5_000,
  storeMigrationMsMax: 600_000,
  /** Prepared statements kept per SQLite connection. */
  storeStatementsMax: 256,
  /** How long a write waits while another process has the SQLite file locked, and the longest pause between tries. */
  storeBusyMsMax: 1_000,
  storeBusyRetryMsMax: 50,
  secretsPerTenantMax: 10_000,
  keysPerTenantMax: 10_000,
  deploymentsPerTenantMax: 1_000,
  profilesPerTenantMax: 1_000,
  titleLengthMax: 200,
  ownerLinkMsMax: 30 * 60_000,
  /** A session of the console, from signing in on; nothing prolongs it. */
  consoleSessionMsMax: 12 * 3_600_000,
  /** Of one key; the oldest makes room. */
  consoleSessionsPerKeyMax: 32,
  consoleSessionsPerTenantMax: 10_000,
  /** How often one key may sign in: each time is a change of the configuration, and any key may. */
  signInsPerSecondPerCaller: 2,
  signInBurst: 64,
  /** The built files of the console, which are held in memory. */
  consoleFilesMax: 2_000,
  consoleBytesMax: 64 * 1024 * 1024,
  restartBackoffMsMin: 500,
  restartBackoffMsMax: 60_000,
  /** How long a stdio server may take to end by itself once its input is closed (MCP, stdio shutdown). */
  inputClosedGraceMs: 1_000,
  stopGraceMs: 5_000,
  /** How long output that was written before the end of a process may still arrive after it. */
  lastOutputGraceMs: 1_000,
  /** How much longer than a deadline a worker waits for the process that runs its server. */
  runtimeLinkGraceMs: 5_000,
  /** How much of what a package manager complains is kept. */
  installOutputBytesMax: 64 * 1024,
  drainGraceMs: 10_000,
  logLinesPerInstanceMax: 500,
  logLineBytesMax: 4_096,
  installMsMax: 300_000,
  /** RLIMIT_DATA of a sandboxed process: Node reserves about 575 MB of it for code alone. */
  sandboxDataBytesMax: 1024 * 1024 * 1024,
  /** The memory cgroup of a sandbox, where one can be made. */
  sandboxMemoryBytesMax: 512 * 1024 * 1024,
  sandboxHeapMegabytesMax: 256,
  sandboxOpenFilesMax: 256,
  sandboxProcessesMax: 256,
  sandboxFileBytesMax: 64 * 1024 * 1024,
  sandboxTmpBytesMax: 64 * 1024 * 1024,
  /** Host user ids that sandboxes may take, one each. */
  sandboxUidsMax: 50_000,
  sandboxProbeMs: 5_000,
  /** What may wait in our memory until a stdio server reads it. */
  stdinBufferBytesMax: 16 * 1024 * 1024,
  /** After this long without a crash the back-off starts from the beginning. */
  instanceStableMs: 60_000,
  deniedPerInstanceMax: 50,
  egressRedirectsMax: 5,
  egressBodyBytesMax: 16 * 1024 * 1024,
  egressTimeoutMs: 30_000,
  egressOriginsMax: 1_000,
  egressConnectionsPerOriginMax: 8,
  egressProxyConnectionsMax: 256,
  egressProxyIdleMs: 300_000,
  pageSizeDefault: 50,
  pageSizeMax: 500,
  declaredFileBytesMax: 4 * 1024 * 1024,
  /** One secret: a header, a variable, the file a declaration refers to. */
  secretBytesMax: 64 * 1024,
  /** One answer that the command line takes from a server. */
  cliAnswerBytesMax: 64 * 1024 * 1024,
  cliConnectTimeoutMs: 5_000,
  /** A client configuration that the command line edits. */
  clientConfigBytesMax: 32 * 1024 * 1024,
  cliPollMs: 300,
} as const

export type LimitName = keyof typeof LIMITS
