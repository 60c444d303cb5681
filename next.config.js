/** @type {import('next').NextConfig} */
const config = {
  distDir: process.env.PORTLIGHT_DIST_DIR ?? '.next',
  // `npm test` runs tsc over the whole tree; a user's `npm start` need not pay for it again.
  typescript: { ignoreBuildErrors: true },
  // Pages only: files come compressed from the build (server/static-files.ts), and what comes from a cluster passes by
  // Next and is never held back.
  compress: true,
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;
