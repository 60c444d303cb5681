/** What a value of a cloud-config may be. */
export type Shape =
  | 'text'
  | 'switch'
  | 'number'
  | 'anything'
  | { list: Shape }
  /** A mapping; keys that it doesn't name are passed over unless `closed`. */
  | { keys: Readonly<Record<string, Shape>>; required?: readonly string[]; closed?: boolean }
  | { oneOf: readonly Shape[] }
  | { words: readonly string[] };

const TEXTS: Shape = { oneOf: ['text', { list: 'text' }] };
/** Words that YAML reads as numbers (a password of digits, a version) are taken as words. */
const WORD: Shape = { oneOf: ['text', 'number'] };
const COMMANDS: Shape = { list: { oneOf: ['text', { list: WORD }, { words: ['null'] }] } };
const KEYS: Shape = { list: 'text' };

const USER: Shape = {
  oneOf: [
    'text',
    {
      keys: {
        name: 'text',
        doas: { list: 'text' },
        expiredate: 'text',
        gecos: 'text',
        groups: { oneOf: ['text', { list: 'text' }, { keys: {} }] },
        homedir: 'text',
        inactive: WORD,
        lock_passwd: 'switch',
        'lock-passwd': 'switch',
        no_create_home: 'switch',
        no_log_init: 'switch',
        no_user_group: 'switch',
        passwd: 'text',
        hashed_passwd: 'text',
        plain_text_passwd: WORD,
        create_groups: 'switch',
        primary_group: 'text',
        selinux_user: 'text',
        shell: 'text',
        snapuser: 'text',
        ssh_authorized_keys: KEYS,
        ssh_import_id: KEYS,
        ssh_redirect_user: 'switch',
        system: 'switch',
        sudo: { oneOf: ['text', { list: 'text' }, { words: ['false', 'null'] }] },
        uid: WORD,
      },
      closed: true,
    },
  ],
};

/**
 * The keys of a cloud-config (cloudinit/config/schemas/schema-cloud-config-v1.json of cloud-init 24), deep where people
 * write most.
 */
export const CLOUD_CONFIG_KEYS: Readonly<Record<string, Shape>> = {
  users: { oneOf: ['text', { list: { oneOf: [USER, { list: 'text' }] } }, { keys: {} }] },
  user: { oneOf: ['text', { keys: {} }] },
  groups: { oneOf: ['text', { list: { oneOf: ['text', { keys: {} }] } }, { keys: {} }] },
  password: WORD,
  chpasswd: {
    keys: {
      expire: 'switch',
      list: TEXTS,
      users: {
        list: {
          keys: { name: 'text', type: { words: ['hash', 'text', 'RANDOM'] }, password: WORD },
          required: ['name'],
        },
      },
    },
    closed: true,
  },
  ssh_pwauth: { oneOf: ['switch', 'text'] },
  ssh_authorized_keys: KEYS,
  ssh_keys: { keys: {} },
  ssh_import_id: KEYS,
  ssh_deletekeys: 'switch',
  ssh_genkeytypes: { list: 'text' },
  ssh_quiet_keygen: 'switch',
  ssh_publish_hostkeys: { keys: {} },
  ssh: { keys: {} },
  ssh_fp_console_blacklist: { list: 'text' },
  ssh_key_console_blacklist: { list: 'text' },
  no_ssh_fingerprints: 'switch',
  authkey_hash: 'text',
  disable_root: 'switch',
  disable_root_opts: 'text',
  allow_public_ssh_keys: 'switch',
  hostname: 'text',
  fqdn: 'text',
  prefer_fqdn_over_hostname: 'switch',
  preserve_hostname: 'switch',
  create_hostname_file: 'switch',
  manage_etc_hosts: { oneOf: ['switch', 'text'] },
  packages: { oneOf: [{ list: { oneOf: ['text', { list: WORD }, { keys: {} }] } }, { keys: {} }] },
  package_update: 'switch',
  package_upgrade: 'switch',
  package_reboot_if_required: 'switch',
  apt_update: 'switch',
  apt_upgrade: 'switch',
  apt_reboot_if_required: 'switch',
  write_files: {
    list: {
      keys: {
        path: 'text',
        content: 'anything',
        source: { keys: {} },
        owner: 'text',
        permissions: WORD,
        encoding: {
          words: [
            'gz',
            'gzip',
            'gz+base64',
            'gzip+base64',
            'gz+b64',
            'gzip+b64',
            'b64',
            'base64',
            'text/plain',
          ],
        },
        append: 'switch',
        defer: 'switch',
      },
      required: ['path'],
      closed: true,
    },
  },
  runcmd: COMMANDS,
  bootcmd: COMMANDS,
  timezone: 'text',
  locale: { oneOf: ['text', 'switch'] },
  locale_configfile: 'text',
  keyboard: {
    keys: { layout: 'text', model: 'text', variant: 'text', options: 'text' },
    required: ['layout'],
    closed: true,
  },
  mounts: { list: { list: { oneOf: ['text', 'number', { words: ['null'] }] } } },
  mount_default_fields: { list: { oneOf: ['text', { words: ['null'] }] } },
  swap: { keys: { filename: 'text', size: WORD, maxsize: WORD }, closed: true },
  growpart: {
    keys: {
      mode: { oneOf: ['switch', { words: ['auto', 'growpart', 'gpart', 'off'] }] },
      devices: { list: 'text' },
      ignore_growroot_disabled: 'switch',
    },
    closed: true,
  },
  resize_rootfs: { oneOf: ['switch', { words: ['noblock'] }] },
  disk_setup: { keys: {} },
  fs_setup: { list: { keys: {} } },
  device_aliases: { keys: {} },
  bootdisk: 'anything',
  ntp: {
    oneOf: [
      { keys: { pools: { list: 'text' }, servers: { list: 'text' }, enabled: 'switch' } },
      { words: ['null'] },
    ],
  },
  power_state: {
    keys: {
      delay: WORD,
      mode: { words: ['poweroff', 'reboot', 'halt'] },
      message: 'text',
      timeout: 'number',
      condition: 'anything',
    },
    required: ['mode'],
    closed: true,
  },
  final_message: 'text',
  output: { keys: {} },
  merge_how: 'anything',
  merge_type: 'anything',
  apt: { keys: {} },
  yum_repos: { keys: {} },
  yum_repo_dir: 'text',
  zypper: { keys: {} },
  apk_repos: { keys: {} },
  snap: { keys: {} },
  ca_certs: { keys: { trusted: { list: 'text' }, remove_defaults: 'switch', 'remove-defaults': 'switch' } },
  'ca-certs': { keys: {} },
  rh_subscription: { keys: {} },
  resolv_conf: { keys: {} },
  manage_resolv_conf: 'switch',
  ansible: { keys: {} },
  chef: { keys: {} },
  puppet: { keys: {} },
  salt_minion: { keys: {} },
  mcollective: { keys: {} },
  phone_home: { keys: {} },
  landscape: { keys: {} },
  lxd: { keys: {} },
  rsyslog: { keys: {} },
  wireguard: { keys: {} },
  random_seed: { keys: {} },
  rng_seed: 'anything',
  ubuntu_pro: { keys: {} },
  ubuntu_advantage: { keys: {} },
  ubuntu_autoinstall: 'anything',
  autoinstall: 'anything',
  fan: { keys: {} },
  grub_dpkg: 'anything',
  'grub-dpkg': 'anything',
  byobu_by_default: 'text',
  drivers: { keys: {} },
  spacewalk: { keys: {} },
  reporting: { keys: {} },
  updates: { keys: {} },
  vendor_data: { keys: {} },
  datasource: { keys: {} },
  datasource_list: { list: 'text' },
  system_info: { keys: {} },
  network: { keys: {} },
  cloud_init_modules: 'anything',
  cloud_config_modules: 'anything',
  cloud_final_modules: 'anything',
  disable_ec2_metadata: 'switch',
  migrate: 'switch',
  warnings: { keys: {} },
  write_metadata: 'anything',
  disk_images: 'anything',
  version: 'text',
};

const CARD: Shape = {
  keys: {
    match: { keys: { macaddress: 'text', name: 'text', driver: TEXTS } },
    'set-name': 'text',
    dhcp4: 'switch',
    dhcp6: 'switch',
    addresses: { list: { oneOf: ['text', { keys: {} }] } },
    gateway4: 'text',
    gateway6: 'text',
    mtu: 'number',
    nameservers: { keys: { addresses: { list: 'text' }, search: { list: 'text' } } },
    routes: { list: { keys: { to: 'text', via: 'text', metric: 'number' } } },
    optional: 'switch',
    wakeonlan: 'switch',
  },
};

/** Network data by its version. */
export const NETWORK_KEYS: Readonly<Record<1 | 2, Shape>> = {
  1: {
    keys: {
      version: 'number',
      config: {
        oneOf: [
          { words: ['disabled'] },
          {
            list: {
              keys: {
                type: {
                  words: [
                    'physical',
                    'bond',
                    'bridge',
                    'vlan',
                    'nameserver',
                    'route',
                    'loopback',
                    'infiniband',
                  ],
                },
                name: 'text',
                mac_address: 'text',
                mtu: { oneOf: ['number', { words: ['null'] }] },
                subnets: {
                  list: { keys: { type: 'text', address: 'text', gateway: 'text', dns_nameservers: TEXTS } },
                },
              },
              required: ['type'],
            },
          },
        ],
      },
    },
    required: ['config'],
  },
  2: {
    keys: {
      version: 'number',
      renderer: 'text',
      ethernets: { keys: {} },
      bonds: { keys: {} },
      bridges: { keys: {} },
      vlans: { keys: {} },
      wifis: { keys: {} },
      'dummy-devices': { keys: {} },
      vrfs: { keys: {} },
      tunnels: { keys: {} },
    },
    closed: true,
  },
};
export const CARD_SHAPE = CARD;
