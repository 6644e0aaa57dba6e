import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlResultSet } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

/*
 * Prisma's own schema engine, the WebAssembly build of the commit that `prisma` 7.10.0 is built from, over our driver:
 * the native one needs a download that closed networks don't have (prisma/orm#17482). Folder layout, lock file, table
 * and checksums are Prisma's, so `prisma migrate deploy` may be used instead at any time.
 * Three shims stand between engine and driver; without any one of them it fails (prisma/orm#27403, #28145).
 */

type Connection = {
  executeScript(script: string): Promise<void>;
  queryRaw(query: unknown): Promise<SqlResultSet>;
  underlyingDriver(): { query(text: string): Promise<unknown> };
  onError(error: unknown): never;
  dispose(): Promise<void>;
};

const CATALOGUE_CHAR = 18;
const TEXT = 25;

/** Shim 1a: the adapter does not know the catalogue type `"char"`; it reads as text. */
class CataloguePool extends pg.Pool {
  override async query(...call: unknown[]): Promise<never> {
    const answer = await (super.query as (...call: unknown[]) => Promise<pg.QueryResult>)(...call);
    for (const field of answer?.fields ?? []) if (field.dataTypeID === CATALOGUE_CHAR) field.dataTypeID = TEXT;
    return answer as never;
  }
}

/** Shim 1b: the one column that the engine insists on as a character, read only where a table has a CHECK. */
function asCharacter(result: SqlResultSet): SqlResultSet {
  const column = result.columnNames.indexOf("constraint_type");
  if (column >= 0) result.columnTypes[column] = ColumnTypeEnum.Character;
  return result;
}

class MigrationAdapter extends PrismaPg {
  readonly #url: string;
  readonly #open: Connection[] = [];

  /** Shim 3: one connection only, so that the engine's advisory lock, which belongs to a session, really holds. */
  constructor(url: string) {
    super(new CataloguePool({ connectionString: url, max: 1 }) as never, { disposeExternalPool: true });
    this.#url = url;
  }

  /** Shim 2: a script goes to the server whole; splitting it at `;` would break function bodies and strings. */
  override async connect(): Promise<never> {
    const connection = (await super.connect()) as unknown as Connection;
    connection.executeScript = async (script) => {
      try {
        await connection.underlyingDriver().query(script);
      } catch (error) {
        connection.onError(error);
      }
    };
    const queryRaw = connection.queryRaw.bind(connection);
    connection.queryRaw = async (query) => asCharacter(await queryRaw(query));
    this.#open.push(connection);
    return connection as never;
  }

  /** Ends the connections, and with them the advisory lock: the engine itself never lets go of it. */
  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((connection) => connection.dispose()));
  }

  /** The drift check replays all migrations in a database of its own, made and dropped here. */
  override async connectToShadowDb(): Promise<never> {
    const name = `shadow_${crypto.randomUUID()}`;
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    const main = new pg.Client({ connectionString: this.#url });
    await main.connect();
    await main.query(`CREATE DATABASE "${name}"`);
    const shadow = (await new MigrationAdapter(url.href).connect()) as unknown as Connection;
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await main.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await main.end();
    };
    return shadow as never;
  }
}

let loaded = false;

function load(): void {
  if (loaded) return;
  const folder = dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const module = new WebAssembly.Module(readFileSync(join(folder, "schema_engine_bg.wasm")));
  const instance = new WebAssembly.Instance(module, { "./schema_engine_bg.js": bindings as never });
  const { __wbg_set_wasm: setWasm } = bindings as unknown as { __wbg_set_wasm(exports: unknown): void };
  setWasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  loaded = true;
}

export const schemaPath = resolve(import.meta.dirname, "../../prisma/schema.prisma");
export const migrationsPath = resolve(import.meta.dirname, "../../prisma/migrations");

/** Nothing of the database is left out of a comparison. */
const filters = { externalTables: [], externalEnums: [] };

/** What the engine needs to know of the migration files. */
function migrationsList() {
  const folders = readdirSync(migrationsPath, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    baseDir: migrationsPath,
    shadowDbInitScript: "",
    lockfile: {
      path: "migration_lock.toml",
      content: readFileSync(join(migrationsPath, "migration_lock.toml"), "utf8"),
    },
    migrationDirectories: folders
      .map((folder) => folder.name)
      .sort()
      .map((path) => {
        const file = join(migrationsPath, path, "migration.sql");
        const content = existsSync(file)
          ? { tag: "ok" as const, value: readFileSync(file, "utf8") }
          : { tag: "error" as const, value: "missing" };
        return { path, migrationFile: { path: "migration.sql", content } };
      }),
  };
}

/** The few operations of the engine that this project uses. */
export type SchemaEngine = {
  /** Applies what is not applied yet; several callers at once apply each migration once. Names of those applied. */
  apply(): Promise<string[]>;
  /** The SQL that leads from the migrations to `schema.prisma`; empty when they agree. Needs CREATEDB for its shadow. */
  drift(): Promise<string>;
  /** Must be called in the end: until then no other process can migrate. */
  close(): Promise<void>;
};

/** Opens the engine on a database. @throws what the engine or PostgreSQL say, as they say it. */
export async function openSchemaEngine(databaseUrl: string): Promise<SchemaEngine> {
  load();
  const schema = readFileSync(schemaPath, "utf8");
  const adapter = new MigrationAdapter(databaseUrl);
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[schemaPath, schema]] } as never,
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter as never) as never,
  );
  return {
    async apply() {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: migrationsList(),
        filters,
      } as never);
      return appliedMigrationNames;
    },
    async drift() {
      const answer = await engine.diff({
        from: { tag: "migrations", ...migrationsList() },
        to: { tag: "schemaDatamodel", files: [{ path: schemaPath, content: schema }] },
        script: true,
        exitCode: true,
        filters,
      } as never);
      return answer.exitCode === 0 ? "" : (answer.stdout ?? "the migrations and schema.prisma differ");
    },
    async close() {
      engine.free();
      await adapter.close();
    },
  };
}
