/** What webhooks are still to be told, in the order in which it happened. Times are milliseconds since 1970. */
export interface WebhookRecords {
  /**
   * All of it or nothing, durable when it is told so. Where there is more than the bounds say, the oldest go,
   * whosever they are; gives how many.
   */
  addDeliveries(added: readonly NewDelivery[], bounds: DeliveryBounds): Promise<number>
  /** The one that was added first of those for that hook. */
  findDelivery(hook: string): Promise<Delivery | undefined>
  removeDelivery(id: number): Promise<void>
  /** Of that hook, what was queued before; gives how many. */
  removeOldDeliveries(hook: string, before: number): Promise<number>
  /** Removes what is for any other hook than these; gives how many. */
  keepDeliveriesOf(hooks: readonly string[]): Promise<number>
}

export type NewDelivery = {
  /** For which hook it is, as whoever delivers it knows the hook. */
  readonly hook: string
  readonly body: string
  readonly queuedAt: number
}

export type Delivery = NewDelivery & { readonly id: number }

export type DeliveryBounds = { readonly most: number; readonly mostBytes: number }
