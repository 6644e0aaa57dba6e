/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // Live streams and JSON on loopback or behind a proxy: compressing here only costs CPU and buffers frames.
  compress: false,
  // No image of ours needs it, and its endpoint would fetch what it is told to.
  images: { unoptimized: true },
  typedRoutes: false,
  serverExternalPackages: [
    "pg",
    "pino",
    "kafkajs",
    "amqplib",
    "@prisma/client",
    "@prisma/adapter-pg",
    "stripe",
    "better-auth",
    "avsc",
  ],
  experimental: { optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"] },
};
