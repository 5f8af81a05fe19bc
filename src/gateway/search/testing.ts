// A profile of 1,000 tools as an organisation might have it, and what people ask of it in their own words.

interface Service {
  readonly name: string
  readonly about: string
  /** Singular nouns; each gets a tool for every verb. */
  readonly objects: readonly string[]
}

const SERVICES: readonly Service[] = [
  { name: 'github', about: 'GitHub', objects: ['issue', 'pull_request', 'repository', 'release', 'branch', 'workflow_run'] },
  { name: 'gitlab', about: 'GitLab', objects: ['merge_request', 'pipeline', 'project', 'epic', 'snippet'] },
  { name: 'jira', about: 'Jira', objects: ['ticket', 'sprint', 'board', 'worklog', 'component'] },
  { name: 'slack', about: 'Slack', objects: ['message', 'channel', 'reaction', 'user_group', 'reminder'] },
  { name: 'gmail', about: 'Gmail', objects: ['email', 'draft', 'label', 'filter', 'thread'] },
  { name: 'calendar', about: 'Google Calendar', objects: ['event', 'attendee', 'calendar', 'room_booking', 'availability'] },
  { name: 'drive', about: 'Google Drive', objects: ['file', 'folder', 'permission', 'comment', 'revision'] },
  { name: 'salesforce', about: 'Salesforce', objects: ['lead', 'opportunity', 'account', 'contact', 'campaign'] },
  { name: 'hubspot', about: 'HubSpot', objects: ['deal', 'company', 'form', 'newsletter', 'landing_page'] },
  { name: 'stripe', about: 'Stripe', objects: ['payment', 'refund', 'invoice', 'subscription', 'customer', 'dispute'] },
  { name: 'shopify', about: 'Shopify', objects: ['order', 'product', 'discount', 'inventory_level', 'shipment'] },
  { name: 'zendesk', about: 'Zendesk', objects: ['support_request', 'macro', 'article', 'satisfaction_rating', 'agent'] },
  { name: 'pagerduty', about: 'PagerDuty', objects: ['incident', 'on_call_schedule', 'escalation_policy', 'service', 'postmortem'] },
  { name: 'datadog', about: 'Datadog', objects: ['monitor', 'dashboard', 'metric', 'log_query', 'downtime'] },
  {
    name: 'aws',
    about: 'Amazon Web Services',
    objects: ['instance', 'bucket', 'function', 'security_group', 'database_snapshot', 'cost_report'],
  },
  { name: 'kubernetes', about: 'a Kubernetes cluster', objects: ['pod', 'deployment', 'namespace', 'secret', 'config_map', 'node'] },
  { name: 'postgres', about: 'a PostgreSQL database', objects: ['table', 'query', 'index', 'role', 'backup'] },
  { name: 'snowflake', about: 'Snowflake', objects: ['warehouse', 'dataset', 'share', 'task', 'stage'] },
  { name: 'notion', about: 'Notion', objects: ['page', 'block', 'wiki', 'template', 'database_entry'] },
  { name: 'confluence', about: 'Confluence', objects: ['space', 'blog_post', 'attachment', 'page_tree', 'watcher'] },
  { name: 'figma', about: 'Figma', objects: ['design', 'frame', 'style', 'prototype', 'library'] },
  { name: 'workday', about: 'Workday', objects: ['employee', 'leave_request', 'payslip', 'position', 'expense_report'] },
  { name: 'greenhouse', about: 'Greenhouse', objects: ['candidate', 'job_posting', 'interview', 'offer', 'scorecard'] },
  { name: 'okta', about: 'Okta', objects: ['user', 'group', 'application', 'factor', 'session'] },
  { name: 'zoom', about: 'Zoom', objects: ['meeting', 'recording', 'webinar', 'transcript', 'participant'] },
  { name: 'twilio', about: 'Twilio', objects: ['sms', 'phone_call', 'phone_number', 'voicemail', 'studio_flow'] },
  { name: 'quickbooks', about: 'QuickBooks', objects: ['bill', 'vendor', 'journal_entry', 'tax_rate', 'bank_transaction'] },
  { name: 'airtable', about: 'Airtable', objects: ['record', 'base', 'view', 'field', 'automation'] },
  { name: 'weather', about: 'the weather service', objects: ['forecast', 'storm_warning', 'station', 'air_quality', 'tide'] },
  { name: 'maps', about: 'the map service', objects: ['route', 'place', 'geocode', 'traffic_report', 'isochrone'] },
  { name: 'sentry', about: 'Sentry', objects: ['error', 'alert_rule', 'source_map', 'session_replay', 'crash_group'] },
  { name: 'terraform', about: 'Terraform Cloud', objects: ['workspace', 'plan', 'state_version', 'variable_set', 'policy_check'] },
]

const VERBS = [
  { name: 'create', sentence: (object: string, about: string) => `Creates a new ${object} in ${about} and answers with its identifier.` },
  { name: 'list', sentence: (object: string, about: string) => `Lists all of the ${object}s in ${about}, page by page, newest first.` },
  { name: 'get', sentence: (object: string, about: string) => `Reads one ${object} of ${about} with all its details.` },
  { name: 'update', sentence: (object: string, about: string) => `Changes fields of an existing ${object} in ${about}.` },
  { name: 'delete', sentence: (object: string, about: string) => `Removes a ${object} from ${about} for good.` },
  { name: 'export', sentence: (object: string, about: string) => `Downloads ${object}s of ${about} as a CSV or JSON report.` },
] as const

export interface CorpusTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: Record<string, unknown>
}

/** 1,000 tools under their federated names. */
export function corpusTools(): CorpusTool[] {
  const tools = SERVICES.flatMap(({ name, about, objects }) =>
    objects.flatMap((object) =>
      VERBS.map((verb) => toolOf(`${name}__${verb.name}_${object}`, verb.sentence(words(object), about), object)),
    ),
  )
  for (let i = 0; tools.length < CORPUS_SIZE; i++) {
    tools.push(toolOf(`warehouse-${i}__read_sensor`, `Reads the temperature sensor of cold store number ${i}.`, 'sensor'))
  }
  return tools.slice(0, CORPUS_SIZE)
}

export const CORPUS_SIZE = 1_000
const words = (object: string): string => object.replaceAll('_', ' ')

const toolOf = (name: string, description: string, object: string): CorpusTool => ({
  name,
  description,
  inputSchema: {
    type: 'object',
    properties: {
      [`${object}_id`]: { type: 'string', description: `Identifier of the ${words(object)}.` },
      fields: { type: 'object', description: 'What to set or to filter by, by name.', additionalProperties: true },
      page: { type: 'integer', minimum: 1, description: 'Which page of the results.' },
    },
  },
})

/** Questions and the tool that answers them. */
export const QUERIES: readonly (readonly [query: string, tool: string])[] = [
  ['open an issue on github', 'github__create_issue'],
  ['which pull requests are there on GitHub', 'github__list_pull_request'],
  ['show me one merge request from gitlab', 'gitlab__get_merge_request'],
  ['remove a branch in the github repo', 'github__delete_branch'],
  ['create a jira ticket', 'jira__create_ticket'],
  ['list the sprints in jira', 'jira__list_sprint'],
  ['send a message to a slack channel', 'slack__create_message'],
  ['set a reminder in slack', 'slack__create_reminder'],
  ['write a new email draft', 'gmail__create_draft'],
  ['list my emails', 'gmail__list_email'],
  ['add an event to my calendar', 'calendar__create_event'],
  ['book a room for a meeting', 'calendar__create_room_booking'],
  ['when is somebody available', 'calendar__get_availability'],
  ['delete a folder from google drive', 'drive__delete_folder'],
  ['change the permission of a file', 'drive__update_permission'],
  ['new sales lead', 'salesforce__create_lead'],
  ['export opportunities from salesforce', 'salesforce__export_opportunity'],
  ['update a deal in hubspot', 'hubspot__update_deal'],
  ['refund a payment', 'stripe__create_refund'],
  ['list unpaid invoices', 'stripe__list_invoice'],
  ['cancel a subscription in stripe', 'stripe__delete_subscription'],
  ['where is the shipment of this order', 'shopify__get_shipment'],
  ['how many products are in the inventory', 'shopify__list_inventory_level'],
  ['answer a support request in zendesk', 'zendesk__update_support_request'],
  ['who is on call', 'pagerduty__get_on_call_schedule'],
  ['declare an incident', 'pagerduty__create_incident'],
  ['create a datadog dashboard', 'datadog__create_dashboard'],
  ['search the logs', 'datadog__get_log_query'],
  ['start an ec2 instance in aws', 'aws__create_instance'],
  ['what did the cloud cost last month', 'aws__get_cost_report'],
  ['list s3 buckets', 'aws__list_bucket'],
  ['restart a pod in kubernetes', 'kubernetes__update_pod'],
  ['kubernetes namespaces', 'kubernetes__list_namespace'],
  ['run a query against postgres', 'postgres__create_query'],
  ['make a backup of the database', 'postgres__create_backup'],
  ['suspend the snowflake warehouse', 'snowflake__update_warehouse'],
  ['write a notion page', 'notion__create_page'],
  ['publish a blog post in confluence', 'confluence__create_blog_post'],
  ['export the figma design', 'figma__export_design'],
  ['request leave', 'workday__create_leave_request'],
  ['submit an expense report', 'workday__create_expense_report'],
  ['download my payslip', 'workday__export_payslip'],
  ['schedule an interview with a candidate', 'greenhouse__create_interview'],
  ['close a job posting', 'greenhouse__delete_job_posting'],
  ['deactivate a user in okta', 'okta__delete_user'],
  ['add somebody to an okta group', 'okta__update_group'],
  ['transcript of the zoom call', 'zoom__get_transcript'],
  ['send an sms', 'twilio__create_sms'],
  ['pay a vendor bill', 'quickbooks__update_bill'],
  ['add a record to airtable', 'airtable__create_record'],
  ['weather forecast for tomorrow', 'weather__get_forecast'],
  ['is there a storm warning', 'weather__get_storm_warning'],
  ['find the route between two places', 'maps__get_route'],
  ['geocode an address', 'maps__get_geocode'],
  ['recent errors in sentry', 'sentry__list_error'],
  ['terraform plan', 'terraform__get_plan'],
  ['set a variable in the terraform workspace', 'terraform__update_variable_set'],
  ['mute a monitor during downtime', 'datadog__create_downtime'],
  ['reserve a discount code', 'shopify__create_discount'],
  ['chargeback dispute', 'stripe__get_dispute'],
]
