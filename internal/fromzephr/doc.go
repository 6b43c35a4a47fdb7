// Package fromzephr copies the users of a Zephr tenant, and what they refer to, through Zephr's Admin
// API.
//
// A migration has three steps:
//
//  1. Download reads every page with signed GET requests and stores it in a Folder, so that a
//     migration that was interrupted resumes after the last page.
//  2. Prepare merges the pages of users into one file for package importer: each user once, sorted
//     by id. The caller imports it.
//  3. Verify reads the tenant again and compares it with the pages, user by user, into a Report.
//
// The forms are those of Zephr's public documentation. Where its pages differ from one another, the
// package reads both forms.
package fromzephr
