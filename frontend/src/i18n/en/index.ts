import analytics from "./analytics.json";
import audit from "./audit.json";
import auth from "./auth.json";
import channels from "./channels.json";
import charts from "./charts.json";
import customers from "./customers.json";
import deposits from "./deposits.json";
import exports from "./exports.json";
import followups from "./followups.json";
import health from "./health.json";
import imports from "./imports.json";
import inbox from "./inbox.json";
import jobs from "./jobs.json";
import kit from "./kit.json";
import performance from "./performance.json";
import pools from "./pools.json";
import products from "./products.json";
import profile from "./profile.json";
import requests from "./requests.json";
import reservations from "./reservations.json";
import retention from "./retention.json";
import search from "./search.json";
import settings from "./settings.json";
import today from "./today.json";
import tokens from "./tokens.json";
import users from "./users.json";
import validation from "./validation.json";
import webhooks from "./webhooks.json";

/** kit.json's groups stand at the top; every other file is a group of its own name. */
export const en = {
  ...kit,
  analytics,
  audit,
  auth,
  channels,
  charts,
  customers,
  deposits,
  exports,
  followups,
  health,
  imports,
  inbox,
  jobs,
  performance,
  pools,
  products,
  profile,
  requests,
  reservations,
  retention,
  search,
  settings,
  today,
  tokens,
  users,
  validation,
  webhooks,
};
