/**
 * What would keep this agent from working, and what to do about it: judgement of what others found. May import
 * dev.sheaf.agent.engine, dev.sheaf.agent.host, dev.sheaf.agent.offer, dev.sheaf.image and the wire.
 */
@NullMarked
package dev.sheaf.agent.doctor;

import org.jspecify.annotations.NullMarked;
