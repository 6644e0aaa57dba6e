import pg from "pg";

/**
 * What the application's role is before it is granted anything: `ours` = it lets us in with our password, `in use` = it
 * does not, and somebody is connected as it.
 */
export async function findApplication(
  ownerUrl: string,
  applicationUrl: string,
): Promise<"missing" | "ours" | "idle" | "in use"> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const role = decodeURIComponent(new URL(applicationUrl).username);
    const { rows } = await owner.query<{ sessions: number }>(
      `SELECT (SELECT count(*)::int FROM pg_stat_activity a WHERE a.usename = r.rolname) AS sessions FROM pg_roles r WHERE r.rolname = $1`,
      [role],
    );
    if (!rows[0]) return "missing";
    if (await letsIn(applicationUrl)) return "ours";
    return rows[0].sessions === 0 ? "idle" : "in use";
  } finally {
    await owner.end();
  }
}

/** Whether the password is right; a database that may not be entered yet is not the password's fault. */
async function letsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== WRONG_PASSWORD;
  } finally {
    await client.end().catch(() => {});
  }
}
const WRONG_PASSWORD = "28P01";

/**
 * Lets the application work as a role of its own, which owns nothing: it may read and write every table, but what is in
 * the audit it can neither change nor remove, and the schema is the owner's. Makes the role when it is missing.
 * @param ownerUrl of the role that ran the migrations.
 * @param applicationUrl names role and password of the application in the same database.
 * @throws when the owner may not make roles.
 */
export async function grantApplication(ownerUrl: string, applicationUrl: string): Promise<void> {
  const { username, password, pathname } = new URL(applicationUrl);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const role = client.escapeIdentifier(decodeURIComponent(username));
    const database = client.escapeIdentifier(decodeURIComponent(pathname.slice(1)));
    const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [decodeURIComponent(username)]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`);
    await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(decodeURIComponent(password))}`);
    await client.query(`
      BEGIN;
      GRANT CONNECT ON DATABASE ${database} TO ${role};
      GRANT USAGE ON SCHEMA public TO ${role};
      GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role};
      REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON audit_entries FROM ${role};
      REVOKE ALL ON _prisma_migrations FROM ${role};
      COMMIT`);
  } finally {
    await client.end();
  }
}
