/** Who this agent is to its farm: key, certificate, how it gets them and keeps them fresh. Imports the wire and endpoint. */
@NullMarked
package dev.sheaf.agent.identity;

import org.jspecify.annotations.NullMarked;
