/** The naive build's tables: the same facts as the product's, without its numbering, batching or partial indexes. */
export const schema = `
  DROP SCHEMA IF EXISTS naive CASCADE;
  CREATE SCHEMA naive;
  CREATE TABLE naive.orders (id uuid PRIMARY KEY, status text NOT NULL, total_cents bigint NOT NULL, sku text NOT NULL, quantity int NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE naive.outbox (id bigserial PRIMARY KEY, type text NOT NULL, order_id uuid NOT NULL, data jsonb NOT NULL, sent boolean NOT NULL DEFAULT false);
  CREATE TABLE naive.inbox (consumer text NOT NULL, event_id text NOT NULL, PRIMARY KEY (consumer, event_id));
  CREATE TABLE naive.payments (order_id uuid PRIMARY KEY, charge_id text NOT NULL, amount_cents bigint NOT NULL);
  CREATE TABLE naive.stock (sku text PRIMARY KEY, available int NOT NULL CHECK (available >= 0));
  CREATE TABLE naive.shipments (order_id uuid PRIMARY KEY, tracking_number text NOT NULL);
  CREATE TABLE naive.order_views (order_id uuid PRIMARY KEY, status text NOT NULL, changed_at timestamptz NOT NULL);
  INSERT INTO naive.stock SELECT 'SKU-' || n, 1000000 FROM generate_series(1, 20) n;
`;
