/** The bounds of what stands beside the path of a call: metrics, store, shared state, OpenAPI, control plane and command line. */
export const PART_LIMITS = {
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
  /** One entry of what processes share for a while, and how many the memory of one process takes. */
  keyValueKeyLengthMax: 512,
  keyValueBytesMax: 64 * 1024,
  keyValueEntriesMax: 100_000,
  pubSubMessageBytesMax: 1024 * 1024,
  pubSubSubscriptionsMax: 50_000,
  /** What one resumable stream keeps for a client that comes back, and how long after its last event. */
  eventLogEventsMax: 1_000,
  eventLogBytesMax: 1024 * 1024,
  eventLogAgeMsMax: 600_000,
  /** The same for all streams together, in the memory of one process. */
  eventLogTotalBytesMax: 256 * 1024 * 1024,
  eventLogStreamsMax: 20_000,
  /** How long a connection to Redis may take, TLS and sign-in included; how long one command, and how many may be under way. */
  redisConnectMsMax: 5_000,
  redisCommandMsMax: 2_000,
  redisCommandsMax: 5_000,
  /** Pauses between attempts to get back to Redis, and how often an idle connection is asked whether it still lives. */
  redisRetryMsMin: 100,
  redisRetryMsMax: 5_000,
  redisPingMs: 1_000,
  /** How often nodes tell each other what they admitted, of how many callers at once, and how long a silent node is counted. */
  sharedLimitSyncMs: 100,
  sharedLimitBatchMax: 500,
  sharedLimitKeysMax: 50_000,
  sharedLimitNodeMsMax: 5_000,
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
  /** How long calls under way may go on once the server was told to stop, and how long it still takes new ones before. */
  drainSecondsDefault: 10,
  drainNoticeSecondsDefault: 5,
  drainSecondsMax: 3_600,
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
  /** Instances of their own for callers that a stdio server of the handshake era can ask: of one deployment, of one principal in it, in all. */
  interactiveInstancesMax: 8,
  interactiveInstancesPerPrincipalMax: 2,
  interactiveInstancesTotalMax: 32,
  /** Calls that wait for the one call that such an instance works on. */
  interactiveQueueMax: 16,
  interactiveInstanceIdleMs: 300_000,
  /** After how many calls during which a server asked for nothing it is taken for one that never asks. */
  interactiveProbeCalls: 20,
  /** Resources and tasks of one stdio server that are watched, the length of their names, and how long changes to them are gathered. */
  watchedPerUpstreamMax: 5_000,
  watchedNameLengthMax: 8_192,
  watchGatherMs: 20,
  /** The same for a remote server, whose stream is opened anew; and how many subscriptions are asked for at once. */
  watchReopenMs: 50,
  watchRequestsMax: 8,
  /** The names of all that is watched at one remote server: they travel together whenever one is added. */
  watchedBytesMax: 1024 * 1024,
  egressRedirectsMax: 5,
  egressBodyBytesMax: 16 * 1024 * 1024,
  egressTimeoutMs: 30_000,
  egressOriginsMax: 1_000,
  egressConnectionsPerOriginMax: 8,
  egressProxyConnectionsMax: 256,
  egressProxyIdleMs: 300_000,
  /** An OpenAPI document, as it was fetched or given, and what it may hold. */
  openapiDocumentBytesMax: 4 * 1024 * 1024,
  openapiDepthMax: 100,
  openapiNodesMax: 500_000,
  /** YAML aliases, each counted with what it stands for. */
  openapiAliasesMax: 100,
  openapiFaultsMax: 5,
  /** References that lead to references. */
  openapiRefsMax: 32,
  /** Operations of one deployment, and the patterns that choose them. */
  openapiOperationsMax: 2_000,
  openapiPatternsMax: 256,
  /** The parts of a tool's arguments, and of its result: what has more is written less deep. */
  openapiSchemaNodesMax: 1_000,
  openapiResultNodesMax: 300,
  openapiSchemaDepthMax: 32,
  openapiToolNameLengthMax: 64,
  openapiTextLengthMax: 2_048,
  /** The tools of one deployment, as JSON. */
  openapiToolsBytesMax: 32 * 1024 * 1024,
  openapiToolsPageMax: 100,
  /** How much of the body of a refusal is shown. */
  openapiExcerptLengthMax: 4_096,
  /** An image or sound, before it is written in base64. */
  openapiMediaBytesMax: 8 * 1024 * 1024,
  pageSizeDefault: 50,
  pageSizeMax: 500,
  declaredFileBytesMax: 4 * 1024 * 1024,
  /** One secret: a header, a variable, the file a declaration refers to. */
  secretBytesMax: 64 * 1024,
  /** One answer that the command line takes from a server. */
  cliAnswerBytesMax: 64 * 1024 * 1024,
  cliConnectTimeoutMs: 5_000,
  /** How often, and how soon again, `connect` tries to reach a server where nothing listens: it may be starting. */
  connectTriesMax: 20,
  connectRetryMs: 500,
  /** Silence on the stream of a session after which `connect` opens it anew: a machine may have slept. */
  connectSilenceMs: 150_000,
  /** How long the end of a session may take once the client has gone. */
  connectCloseMs: 2_000,
  /** A client configuration that the command line edits. */
  clientConfigBytesMax: 32 * 1024 * 1024,
  cliPollMs: 300,
} as const
