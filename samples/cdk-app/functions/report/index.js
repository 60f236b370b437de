'use strict';

exports.handler = async (event) => ({ bucket: process.env.BUCKET, reports: (event.keys ?? []).length });
