/** @type {import('next').NextConfig} */
const config = {
  distDir: process.env.PORTLIGHT_DIST_DIR ?? '.next',
  // `npm test` runs tsc over the whole tree; a user's `npm start` need not pay for it again.
  typescript: { ignoreBuildErrors: true },
  // The server in front compresses nothing either: watch streams must not be buffered.
  compress: false,
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;
