/** Where the screens about a webhook's deliveries are. */
export const paths = {
  history: (webhookId: string) => `/webhooks/${webhookId}/deliveries`,
  delivery: (webhookId: string, id: string) => `/webhooks/${webhookId}/deliveries/${id}`,
  recoveries: (webhookId: string) => `/webhooks/${webhookId}/recoveries`,
};
